DROP TABLE notification_tickets;
DROP TABLE notification_preferences;
DROP TABLE notifications;
DROP TABLE audit_checkpoints;
DROP TABLE audit_nodes;
DROP TABLE audit_leaves;
DROP TABLE security_log;
DROP TABLE activity_log;
