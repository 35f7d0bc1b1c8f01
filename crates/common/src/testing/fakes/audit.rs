use std::sync::Mutex;

use super::kept;
use crate::{
    db::Tx,
    ports::{Activity, AuditSink, Notice, Notifier, SecurityEvent},
};

/// Keeps activities and security events in memory.
#[derive(Debug, Default)]
pub struct RecordingAudit {
    activities: Mutex<Vec<Activity>>,
    security: Mutex<Vec<SecurityEvent>>,
}

impl RecordingAudit {
    /// What was recorded, oldest first.
    pub fn activities(&self) -> Vec<Activity> {
        kept(&self.activities).clone()
    }

    /// The security events, oldest first.
    pub fn security_events(&self) -> Vec<SecurityEvent> {
        kept(&self.security).clone()
    }

    /// The actions alone, oldest first.
    pub fn actions(&self) -> Vec<&'static str> {
        kept(&self.activities).iter().map(|activity| activity.action).collect()
    }

    /// The names of the security events alone, oldest first.
    pub fn events(&self) -> Vec<&'static str> {
        kept(&self.security).iter().map(|event| event.event).collect()
    }
}

impl AuditSink for RecordingAudit {
    fn record(&self, _tx: &mut Tx, activity: Activity) {
        kept(&self.activities).push(activity);
    }

    fn security(&self, _tx: &mut Tx, event: SecurityEvent) {
        kept(&self.security).push(event);
    }
}

/// Keeps notices in memory.
#[derive(Debug, Default)]
pub struct RecordingNotifier(Mutex<Vec<Notice>>);

impl RecordingNotifier {
    /// What was to be told, oldest first.
    pub fn notices(&self) -> Vec<Notice> {
        kept(&self.0).clone()
    }
}

impl Notifier for RecordingNotifier {
    fn notify(&self, _tx: &mut Tx, notice: Notice) {
        kept(&self.0).push(notice);
    }
}
