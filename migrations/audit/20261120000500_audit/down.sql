DROP TABLE notification_tickets;
DROP TABLE notification_preferences;
DROP TABLE notifications;
DROP TABLE security_log;
DROP TABLE activity_log;
