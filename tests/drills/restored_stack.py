"""The restore itself: a copy of the table as it was, adopted, and the stack deployed anew onto it."""

from dataclasses import replace

from local import deploy, event_sources
from local.stack import Stack, StackPlan
from recovery.adopt_table import adopt_table
from tests.drills.table import table_client

RESTORED = "orders-restored"


def back_up(stack: Stack) -> str:
    """The point to go back to: a backup, by its ARN. The emulator restores to no other point in time."""
    client = table_client(stack.aws_endpoint_url)
    return client.create_backup(TableName=stack.table, BackupName="drill")["BackupDetails"]["BackupArn"]


def restore(backup: str, stack: Stack) -> str:
    """Restore the backup as another table, adopt it, and return the ARN of its stream."""
    client = table_client(stack.aws_endpoint_url)
    client.restore_table_from_backup(TargetTableName=RESTORED, BackupArn=backup)
    client.get_waiter("table_exists").wait(TableName=RESTORED)
    return adopt_table(RESTORED, client, protected=False, tags={"restored": "drill"})


def deploy_onto(stream: str, plan: StackPlan, stack: Stack) -> Stack:
    """Deploy the stack once more, onto the restored table."""
    built = plan.run_dir / "build" / "template.yaml"
    parameters = {**plan.template_parameters(), "TableSource": "restored", "RestoredStreamArn": stream}
    deployment = deploy.deploy(built, stack.aws_endpoint_url, parameters, plan.run_dir)
    event_sources.install(deployment)
    return replace(stack, table=deployment.outputs["TableName"], functions=deployment.functions)
