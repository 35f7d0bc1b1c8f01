use ouvira_common::{problem::Code, tenant::PlacementMode};
use ouvira_company::{CompanyEdit, CompanyFilter, model::Edit, settings::SettingsEdit};

use crate::support::{House, code, first, named};

#[tokio::test]
async fn a_company_of_another_tenant_is_as_if_it_were_not_there() {
    for mode in PlacementMode::ALL {
        let (ours, theirs) = (House::new(mode).await, House::new(mode).await);
        let them = theirs.somebody().await;
        let foreign = theirs.found(&them, "Foreign", None).await;
        let ctx = ours.tenant.context(&ours.tenant.session_of(them.user_id().unwrap()).await);
        let companies = ours.companies();
        let own = ours.found(&ctx, "Own", None).await;

        let edit = CompanyEdit { name: Edit::To("X".to_owned()), ..CompanyEdit::default() };
        let zone = SettingsEdit { timezone: Edit::To("Europe/Paris".to_owned()), ..SettingsEdit::default() };
        assert_eq!(code(companies.read(&ctx, foreign.id).await), Code::NotFound);
        assert_eq!(code(companies.tree(&ctx, foreign.id).await), Code::NotFound);
        assert_eq!(code(companies.update(&ctx, foreign.id, None, edit).await), Code::NotFound);
        assert_eq!(code(companies.delete(&ctx, foreign.id, None).await), Code::NotFound);
        assert_eq!(code(companies.restore(&ctx, foreign.id).await), Code::NotFound);
        assert_eq!(code(companies.relocate(&ctx, foreign.id, None).await), Code::NotFound);
        assert_eq!(code(companies.read_settings(&ctx, foreign.id).await), Code::NotFound);
        assert_eq!(code(companies.update_settings(&ctx, foreign.id, None, zone).await), Code::NotFound);
        assert_eq!(
            code(companies.create(&ctx, named("Child", Some(foreign.id))).await),
            Code::UnknownReference
        );
        assert_eq!(code(companies.relocate(&ctx, own.id, Some(foreign.id)).await), Code::UnknownReference);
        let below = CompanyFilter { parent: Some(foreign.id), ..CompanyFilter::default() };
        assert!(companies.list(&ctx, &below, &first(10)).await.unwrap().items.is_empty());
        let search = CompanyFilter { search: Some("foreign".to_owned()), ..CompanyFilter::default() };
        assert!(companies.list(&ctx, &search, &first(10)).await.unwrap().items.is_empty());
        let all = companies.list(&ctx, &CompanyFilter::default(), &first(10)).await.unwrap();
        assert_eq!(all.items, [own]);
        assert_eq!(theirs.companies().read(&them, foreign.id).await.unwrap(), foreign);
    }
}
