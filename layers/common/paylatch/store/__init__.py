"""DynamoDB behind the ports: orders, their events, what reconciliation keeps, and retention."""
