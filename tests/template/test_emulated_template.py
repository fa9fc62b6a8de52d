"""What the local stack deploys is the template, but for what the emulator cannot do."""

import yaml

from local.deploy import for_the_emulator

BUILT = """\
Globals:
  Function:
    Handler: app.handler
    AutoPublishAlias: live
    AutoPublishAliasAllProperties: true
Resources:
  TimersSource:
    Properties:
      FunctionName:
        Ref: TimersFunction.Alias
  CallbacksRejected:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: One in ten callbacks was refused
      Metrics:
      - Id: rejected
        ReturnData: false
        MetricStat:
          Metric:
            Namespace: Paylatch
            MetricName: CallbackRejected
            Dimensions:
            - Name: service
              Value:
                Ref: AWS::StackName
          Stat: Sum
          Period: 900
      - Id: received
        MetricStat:
          Metric:
            Namespace: AWS/Lambda
            MetricName: Invocations
      - Id: percent
        Expression: IF(rejected >= 3, 100 * rejected / received, 0)
      Threshold: 10
  SendTimers:
    Action:
    - sqs:SendMessage
    - sqs:SendMessageBatch
"""


def test_an_alarm_on_a_share_watches_its_first_metric() -> None:
    emulated = yaml.safe_load(for_the_emulator(BUILT))["Resources"]["CallbacksRejected"]

    assert emulated["Properties"] == {
        "AlarmDescription": "One in ten callbacks was refused",
        "Namespace": "Paylatch",
        "MetricName": "CallbackRejected",
        "Statistic": "Sum",
        "Period": 300,
        "Threshold": 10,
    }


def test_what_may_send_a_message_may_send_a_batch() -> None:
    emulated = yaml.safe_load(for_the_emulator(BUILT))["Resources"]["SendTimers"]

    assert emulated["Action"] == ["sqs:SendMessage*", "sqs:SendMessageBatch"]


def test_a_function_is_called_as_it_is_now() -> None:
    emulated = yaml.safe_load(for_the_emulator(BUILT))

    assert emulated["Globals"]["Function"] == {"Handler": "app.handler"}
    assert emulated["Resources"]["TimersSource"]["Properties"] == {"FunctionName": {"Ref": "TimersFunction"}}
