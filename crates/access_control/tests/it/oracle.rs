//! Random worlds, and a second opinion on every answer: what Cedar makes of the same facts, told to it in another way.
//!
//! Here a role held somewhere is a group, and groups are members of groups: who holds a role in a company is in the group
//! `role@company`, which for a role that reaches down is in the groups of the companies below. What a role gives is one
//! policy for each place. None of this is how the decision is made in the crate.

use std::{collections::HashMap, fmt::Write as _, str::FromStr as _};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
};
use chrono::Duration;
use ouvira_access_control::{
    Assumptions, MembershipEdit, NewMembership, NewObjectGrant, NewPermission, NewRole, NewUserRole,
    ObjectName, Question, Questions,
    model::{GrantHolder, MembershipId, MembershipStatus},
    permission,
};
use ouvira_common::{
    id::{CompanyId, RoleId, UserId, uuid_at},
    permission::{Permission, Scope, SystemRole},
    ports::Visible,
    testing::TestUser,
    time::Timestamp,
};
use uuid::Uuid;

use crate::world::{TreeChange, World, company, role_id};

/// `SplitMix64`: the same world for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).expect("a small number")
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

#[derive(Clone)]
struct ModelRole {
    id: RoleId,
    company: Option<CompanyId>,
    inherits: bool,
    /// `None` for every permission.
    permissions: Option<Vec<String>>,
}

struct ModelCompany {
    id: CompanyId,
    parent: Option<usize>,
    removed: bool,
}

struct Held {
    user: usize,
    role: RoleId,
    company: Option<usize>,
    expires_at: Option<Timestamp>,
}

struct ModelMembership {
    id: MembershipId,
    user: usize,
    company: usize,
    suspended: bool,
}

struct ModelGrant {
    holder: GrantHolder,
    permission: String,
    object: ObjectName,
}

/// What the test believes to be so.
struct Model {
    chance: Chance,
    codes: Vec<String>,
    users: Vec<TestUser>,
    companies: Vec<ModelCompany>,
    roles: Vec<ModelRole>,
    memberships: Vec<ModelMembership>,
    held: Vec<Held>,
    grants: Vec<ModelGrant>,
    documents: Vec<Uuid>,
}

fn system_roles(custom: &[String]) -> Vec<ModelRole> {
    let declared: Vec<&Permission> = permission::PERMISSIONS.iter().chain(company::PERMISSIONS).collect();
    let role = |role: SystemRole| {
        let mut permissions: Vec<String> = declared
            .iter()
            .filter(|permission| permission.held_by.contains(&role))
            .map(|permission| permission.code.to_owned())
            .collect();
        if role == SystemRole::Admin {
            permissions.extend_from_slice(custom);
        }
        ModelRole {
            id: role_id(role),
            company: None,
            inherits: matches!(role, SystemRole::Owner | SystemRole::Admin),
            permissions: (role != SystemRole::Owner).then_some(permissions),
        }
    };
    SystemRole::ALL.map(role).to_vec()
}

impl Model {
    /// Makes a world through the use cases, as jobs that may do everything.
    async fn new(world: &World, seed: u64) -> Self {
        let mut chance = Chance(seed);
        let job = world.tenant.job();
        let custom = ["invoice.read", "invoice.approve"].map(str::to_owned).to_vec();
        for code in &custom {
            let new = NewPermission { code: code.clone(), name: "Something".into(), description: None };
            world.access.create_permission(&job, &new).await.expect("the code is free");
        }
        let declared =
            permission::PERMISSIONS.iter().chain(company::PERMISSIONS).map(|known| known.code.to_owned());
        let codes: Vec<String> = declared.chain(custom.iter().cloned()).collect();
        let mut users = Vec::new();
        for number in 0..6 {
            users.push(world.user(&format!("user{number}")).await);
        }
        let mut model = Self {
            roles: system_roles(&custom),
            codes,
            users,
            companies: Vec::new(),
            memberships: Vec::new(),
            held: Vec::new(),
            grants: Vec::new(),
            documents: (0..3).map(|_| uuid_at(world.tenant.now())).collect(),
            chance: Chance(0),
        };
        for _ in 0..9 {
            model.found(world, &mut chance).await;
        }
        for number in 0..5 {
            model.make_role(world, number, &mut chance).await;
        }
        model.chance = chance;
        for _ in 0..22 {
            model.give(world).await;
        }
        for _ in 0..10 {
            model.grant(world).await;
        }
        model
    }

    async fn found(&mut self, world: &World, chance: &mut Chance) {
        let parent =
            (!self.companies.is_empty() && !chance.one_in(4)).then(|| chance.below(self.companies.len()));
        let founder = chance.below(self.users.len());
        let above = parent.map(|parent| self.companies[parent].id);
        let id = world.found(&self.users[founder], above).await;
        self.companies.push(ModelCompany { id, parent, removed: false });
        let select = format!("SELECT id FROM memberships WHERE company_id = '{id}'");
        let row = world.tenant.owner_rows(&select).await.remove(0);
        let membership = row["id"].as_str().and_then(|id| id.parse().ok()).expect("the founder is a member");
        let company = self.companies.len() - 1;
        self.memberships.push(ModelMembership { id: membership, user: founder, company, suspended: false });
        let owner = role_id(SystemRole::Owner);
        self.held.push(Held { user: founder, role: owner, company: Some(company), expires_at: None });
    }

    async fn make_role(&mut self, world: &World, number: usize, chance: &mut Chance) {
        let company = chance.one_in(3).then(|| chance.pick(&self.companies).id);
        let permissions: Vec<String> =
            (0..chance.below(4)).map(|_| chance.pick(&self.codes).clone()).collect();
        let new = NewRole {
            name: format!("Role {number}"),
            company,
            inherits: chance.one_in(2),
            permissions,
            ..NewRole::default()
        };
        let made =
            world.access.create_role(&world.tenant.job(), &new).await.expect("a job may make any role");
        let (id, inherits, permissions) = (made.id, made.inherits, Some(made.permissions));
        self.roles.push(ModelRole { id, company, inherits, permissions });
    }

    /// Gives somebody a role somewhere, for a time or for good.
    async fn give(&mut self, world: &World) {
        let user = self.chance.below(self.users.len());
        let role = self.chance.pick(&self.roles.clone()).clone();
        let company = match role.company {
            Some(id) => self.companies.iter().position(|company| company.id == id),
            None if self.chance.one_in(5) => None,
            None => Some(self.chance.below(self.companies.len())),
        };
        if company.is_some_and(|company| self.companies[company].removed)
            || self.held.iter().any(|held| (held.user, held.role, held.company) == (user, role.id, company))
        {
            return;
        }
        let hours = i64::try_from(1 + self.chance.below(3)).expect("a few hours");
        let expires_at = self.chance.one_in(3).then(|| world.tenant.now() + Duration::hours(hours));
        if let Some(company) = company {
            self.join(world, user, company).await;
        }
        let place = company.map(|company| self.companies[company].id);
        let new = NewUserRole { user: self.users[user].id, role: role.id, company: place, expires_at };
        world.access.give_user_role(&world.tenant.job(), &new).await.expect("a job may give any role");
        self.held.push(Held { user, role: role.id, company, expires_at });
    }

    async fn join(&mut self, world: &World, user: usize, company: usize) {
        if self.memberships.iter().any(|known| (known.user, known.company) == (user, company)) {
            return;
        }
        let new =
            NewMembership { user: self.users[user].id, company: self.companies[company].id, title: None };
        let made =
            world.access.create_membership(&world.tenant.job(), &new).await.expect("they are no member yet");
        self.memberships.push(ModelMembership { id: made.id, user, company, suspended: false });
    }

    /// Gives a permission on a company or a document.
    async fn grant(&mut self, world: &World) {
        let object = if self.chance.one_in(3) {
            ObjectName { kind: "document".into(), id: *self.chance.pick(&self.documents) }
        } else {
            let company = self.chance.below(self.companies.len());
            ObjectName { kind: "company".into(), id: self.companies[company].id.0 }
        };
        let tenant_wide: Vec<RoleId> =
            self.roles.iter().filter(|role| role.company.is_none()).map(|role| role.id).collect();
        let holder = if self.chance.one_in(2) {
            GrantHolder::Role(*self.chance.pick(&tenant_wide))
        } else {
            GrantHolder::User(self.chance.pick(&self.users.clone()).id)
        };
        let permission = self.chance.pick(&self.codes).clone();
        let new = NewObjectGrant {
            holder,
            permission: permission.clone(),
            object_type: object.kind.clone(),
            object_id: object.id,
        };
        if world.access.create_object_grant(&world.tenant.job(), &new).await.is_ok() {
            self.grants.push(ModelGrant { holder, permission, object });
        }
    }

    /// Moves, removes and restores companies, suspends and welcomes back members, gives more.
    async fn shake(&mut self, world: &World) {
        for _ in 0..4 {
            let moved = self.chance.below(self.companies.len());
            let target = Some(self.chance.below(self.companies.len())).filter(|_| !self.chance.one_in(4));
            if target.is_none_or(|target| !self.path(target).contains(&moved)) {
                let parent = target.map(|target| self.companies[target].id);
                world.change_tree(TreeChange::Move(self.companies[moved].id, parent)).await;
                self.companies[moved].parent = target;
            }
        }
        let changed = self.chance.below(self.companies.len());
        let company = &mut self.companies[changed];
        company.removed = !company.removed;
        let change =
            if company.removed { TreeChange::Remove(company.id) } else { TreeChange::Restore(company.id) };
        world.change_tree(change).await;
        for _ in 0..4 {
            let member = self.chance.below(self.memberships.len());
            let membership = &mut self.memberships[member];
            let status =
                if membership.suspended { MembershipStatus::Active } else { MembershipStatus::Suspended };
            let edit = MembershipEdit { status: Some(status), title: None };
            // Last owners stay as they are.
            if world.access.update_membership(&world.tenant.job(), membership.id, &edit, None).await.is_ok() {
                membership.suspended = !membership.suspended;
            }
        }
        for _ in 0..4 {
            self.give(world).await;
        }
    }

    fn path(&self, company: usize) -> Vec<usize> {
        std::iter::successors(Some(company), |at| self.companies[*at].parent).collect()
    }

    /// What Cedar is told at `now`.
    fn oracle(&self, now: Timestamp) -> Oracle {
        let places: Vec<Option<usize>> =
            std::iter::once(None).chain((0..self.companies.len()).map(Some)).collect();
        let mut entities = Vec::new();
        for role in &self.roles {
            for place in &places {
                // Who holds it here holds it there.
                let above: Vec<EntityUid> = places
                    .iter()
                    .filter(|other| match (place, other) {
                        (None, Some(_)) => true,
                        (Some(here), Some(below)) => {
                            role.inherits && self.companies[*below].parent == Some(*here)
                        }
                        (_, None) => false,
                    })
                    .map(|other| group(role.id, *other))
                    .collect();
                entities.push(Entity::new_no_attrs(group(role.id, *place), above.into_iter().collect()));
            }
        }
        for (number, user) in self.users.iter().enumerate() {
            let counts = |held: &&Held| {
                let suspended = self.memberships.iter().any(|membership| {
                    membership.suspended
                        && membership.user == number
                        && Some(membership.company) == held.company
                });
                held.user == number && !suspended && held.expires_at.is_none_or(|ends| now < ends)
            };
            let groups = self.held.iter().filter(counts).map(|held| group(held.role, held.company));
            entities.push(Entity::new_no_attrs(uid("User", &user.id.to_string()), groups.collect()));
        }
        for place in &places {
            let within = std::iter::once(uid("Place", &name(*place))).collect();
            entities.push(Entity::new_no_attrs(uid("Thing", &name(*place)), within));
            for document in &self.documents {
                let within = std::iter::once(uid("Place", &name(*place))).collect();
                entities.push(Entity::new_no_attrs(
                    uid("Thing", &format!("{document}@{}", name(*place))),
                    within,
                ));
            }
        }
        let entities = Entities::from_entities(entities, None).expect("the entities form no circle");
        let policies = PolicySet::from_str(&self.policies(&places)).expect("the policies are well formed");
        Oracle { authorizer: Authorizer::new(), policies, entities }
    }

    fn policies(&self, places: &[Option<usize>]) -> String {
        let mut text = String::new();
        let mut add = |principal: String, action: String, resource: String| {
            writeln!(text, "permit(principal {principal}, action{action}, resource {resource});")
                .expect("a string grows");
        };
        for role in &self.roles {
            let action = match &role.permissions {
                None => String::new(),
                Some(codes) => {
                    let codes: Vec<String> = codes.iter().map(|code| format!("Action::\"{code}\"")).collect();
                    format!(" in [{}]", codes.join(", "))
                }
            };
            for place in places {
                let holders = format!("in {}", group(role.id, *place));
                add(holders, action.clone(), format!("in Place::\"{}\"", name(*place)));
            }
        }
        for grant in &self.grants {
            let action = format!(" == Action::\"{}\"", grant.permission);
            for place in places {
                let itself = place.is_some_and(|place| self.companies[place].id.0 == grant.object.id);
                let resource = match grant.object.kind.as_str() {
                    // A right in that company, so on everything in it.
                    "company" if itself => format!("in Place::\"{}\"", name(*place)),
                    "company" => continue,
                    _ => format!("== Thing::\"{}@{}\"", grant.object.id, name(*place)),
                };
                let principal = match grant.holder {
                    GrantHolder::User(user) => format!("== User::\"{user}\""),
                    GrantHolder::Role(role) => format!("in {}", group(role, *place)),
                };
                add(principal, action.clone(), resource);
            }
        }
        for (number, company) in self.companies.iter().enumerate() {
            if company.removed {
                let place = name(Some(number));
                writeln!(text, "forbid(principal, action, resource in Place::\"{place}\");")
                    .expect("a string takes what is written");
            }
        }
        text
    }

    /// A question, and how Cedar is asked it.
    fn question(&mut self, user: UserId) -> (Question, String) {
        let permission = self.chance.pick(&self.codes).clone();
        let place = (!self.chance.one_in(6)).then(|| self.chance.below(self.companies.len()));
        let company = place.map(|place| self.companies[place].id);
        let mut question = Question { permission, company, object: None, user: Some(user) };
        let mut thing = name(place);
        match self.chance.below(5) {
            0 => {
                let id = *self.chance.pick(&self.documents);
                question.object = Some(ObjectName { kind: "document".into(), id });
                thing = format!("{id}@{thing}");
            }
            1 => {
                question.object = company.map(|company| ObjectName { kind: "company".into(), id: company.0 });
                question.company = question.company.filter(|_| self.chance.one_in(2) || company.is_none());
            }
            _ => {}
        }
        (question, thing)
    }
}

fn name(place: Option<usize>) -> String {
    place.map_or_else(|| "tenant".to_owned(), |number| number.to_string())
}

fn uid(kind: &str, id: &str) -> EntityUid {
    let kind = EntityTypeName::from_str(kind).expect("a plain name");
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

fn group(role: RoleId, place: Option<usize>) -> EntityUid {
    uid("Group", &format!("{role}@{}", name(place)))
}

struct Oracle {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
}

impl Oracle {
    fn allows(&self, user: UserId, code: &str, thing: &str) -> bool {
        let (user, action) = (uid("User", &user.to_string()), uid("Action", code));
        let request =
            Request::new(user, action, uid("Thing", thing), Context::empty(), None).expect("no schema");
        let answer = self.authorizer.is_authorized(&request, &self.policies, &self.entities);
        assert_eq!(answer.diagnostics().errors().count(), 0);
        answer.decision() == Decision::Allow
    }
}

/// Questions of one user at one time: asked plainly by themselves, explained by a job that may ask for anybody.
async fn compare(world: &World, model: &mut Model, user: TestUser, seed: u64) -> usize {
    let oracle = model.oracle(world.tenant.now());
    let asked: Vec<(Question, String)> = (0..100).map(|_| model.question(user.id)).collect();
    let expected: Vec<bool> =
        asked.iter().map(|(question, thing)| oracle.allows(user.id, &question.permission, thing)).collect();
    let checks: Vec<Question> = asked.iter().map(|(question, _)| question.clone()).collect();
    let plain = Questions { checks: checks.clone(), ..Questions::default() };
    let explained = Questions { checks, explain: true, assume: Assumptions::default() };
    let told = [
        world.access.check(&world.context(&user), &plain).await.expect("anybody may ask about themselves"),
        world.access.check(&world.tenant.job(), &explained).await.expect("a job may ask about anybody"),
    ];
    for (number, (question, _)) in asked.iter().enumerate() {
        let answers = told.each_ref().map(|answers| answers[number].allowed);
        let why = &told[1][number].because;
        assert_eq!(answers, [expected[number]; 2], "seed {seed}, {question:?}, {why:?}");
    }
    asked.len() + compare_port(world, model, &oracle, user, seed).await
}

/// The port's answers: the one decision, and the list of companies.
async fn compare_port(world: &World, model: &Model, oracle: &Oracle, user: TestUser, seed: u64) -> usize {
    let mut count = 0;
    for known in [company::READ, company::UPDATE, permission::ROLE_GRANT] {
        let mut within = Vec::new();
        for (number, company) in model.companies.iter().enumerate() {
            let expected = oracle.allows(user.id, known.code, &name(Some(number)));
            if expected {
                within.push(company.id);
            }
            // Whether a company was removed is the company domain's to know for those who hold rights in all of them.
            if !company.removed {
                let held = world.holds(&user, &known, Scope::Company(company.id)).await;
                assert_eq!(held, expected, "seed {seed}, {} in company {number}", known.code);
                count += 1;
            }
        }
        let tenant = oracle.allows(user.id, known.code, &name(None));
        assert_eq!(world.holds(&user, &known, Scope::Tenant).await, tenant, "seed {seed}, {}", known.code);
        within.sort_unstable();
        let visible = world.visible(&user, &known).await;
        let expected = if tenant { Visible::All } else { Visible::Ids(within.into()) };
        assert_eq!(visible, expected, "seed {seed}, {}", known.code);
        count += 2;
    }
    count
}

#[tokio::test]
async fn cedar_gives_the_same_answers_to_ten_thousand_questions() {
    let mut asked = 0;
    for seed in 1..=5 {
        let world = World::new().await;
        let mut model = Model::new(&world, seed).await;
        for phase in 0..3 {
            let users: HashMap<usize, TestUser> = model.users.iter().copied().enumerate().collect();
            for number in 0..users.len() {
                asked += compare(&world, &mut model, users[&number], seed).await;
            }
            match phase {
                // Grants for a time end by themselves, with every snapshot warm.
                0 => world.tenant.clock().advance(Duration::hours(2)),
                _ => model.shake(&world).await,
            }
        }
    }
    assert!(asked >= 10_000, "{asked}");
}
