//! From a message to a mail or an SMS.

use ouvira_common::{
    locale::Locale,
    messages::Message,
    ports::{Mail, Sms},
    tenant::Tenant,
    text::Address,
};

use super::{
    Templates, catalog, gsm, html,
    load::Template,
    text::{Text, Values},
    values,
};

/// A message that can be handed over.
#[derive(Debug, Clone)]
pub(crate) enum Rendered {
    /// To a mailer.
    Mail(Mail),
    /// To an SMS sender.
    Sms(Sms),
}

/// Why a message cannot be written; it never will be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RenderError {
    /// There is no template of that name.
    #[error("there is no template {0}")]
    Unknown(String),
    /// The message lacks what it is for.
    #[error("the message has no {0}")]
    Missing(&'static str),
    /// A value is not of its form.
    #[error("the message's {0} is not of its form")]
    Invalid(&'static str),
    /// The link leads elsewhere than to `APP_URL`.
    #[error("the message's link does not begin with APP_URL")]
    ForeignLink,
}

impl Templates {
    /// Writes `message`, of `tenant`, in its language and for its channel.
    pub(crate) fn render(&self, message: &Message, tenant: &Tenant) -> Result<Rendered, RenderError> {
        let unknown = || RenderError::Unknown(message.template.clone().into_owned());
        let kind = catalog::find(&message.template).ok_or_else(unknown)?;
        let template = self.find(kind.name, message.locale).ok_or_else(unknown)?;
        let values = values::of(kind, message, tenant, self.app_url())?;
        let data = values::for_programs(message, &values);
        Ok(match &message.to {
            Address::Phone(to) => {
                Rendered::Sms(Sms { to: to.clone(), text: gsm::fitted(&template.sms.fill(&values)), data })
            }
            Address::Email(to) => Rendered::Mail(Mail {
                to: to.clone(),
                subject: template.subject.fill(&values),
                text: template.text.fill(&values) + "\n",
                html: self.html(template, message.locale, &values),
                data,
            }),
        })
    }

    fn html(&self, template: &Template, locale: Locale, values: &Values) -> String {
        let escaped = |text: &Text| {
            text.fill(&values.iter().map(|(name, value)| (*name, html::escape(value))).collect())
        };
        match &template.html {
            Some(own) => escaped(own),
            None => self.layout().fill(&Values::from([
                ("locale", locale.as_str().to_owned()),
                ("tenant", values.get("tenant").map(|name| html::escape(name)).unwrap_or_default()),
                ("subject", escaped(&template.subject)),
                ("body", html::paragraphs(&template.text, values)),
            ])),
        }
    }
}
