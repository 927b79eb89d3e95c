//! The arguments of `casebook serve` for logging in through an OpenID provider.

use std::path::PathBuf;
use std::sync::Arc;

use super::Failed;
use crate::domain::{Line, Role};
use crate::identity::oidc::{ClientSecret, GroupRole, Provider, Registration, RoleMapping};

/// Arguments about an OpenID provider.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Login with OpenID Connect")]
pub(super) struct OidcOptions {
    /// The provider that people log in with, found by discovery: https://id.example.com. Needs --public-url
    #[arg(long = "oidc-issuer", value_name = "URL", env = "CASEBOOK_OIDC_ISSUER", requires = "client_id")]
    issuer: Option<String>,
    /// The id under which the provider knows Casebook
    #[arg(long = "oidc-client-id", value_name = "ID", env = "CASEBOOK_OIDC_CLIENT_ID", requires = "issuer")]
    client_id: Option<String>,
    /// The secret that the provider gave with it; better in the environment or a file, where other users of the
    /// machine do not see it. Public clients have none
    #[arg(
        long = "oidc-client-secret",
        value_name = "SECRET",
        env = "CASEBOOK_OIDC_CLIENT_SECRET",
        hide_env_values = true,
        value_parser = secret,
        requires = "issuer"
    )]
    client_secret: Option<ClientSecret>,
    /// A file that holds the secret
    #[arg(
        long = "oidc-client-secret-file",
        value_name = "FILE",
        env = "CASEBOOK_OIDC_CLIENT_SECRET_FILE",
        conflicts_with = "client_secret",
        requires = "issuer"
    )]
    client_secret_file: Option<PathBuf>,
    /// What people call the provider: the button says "Log in with" it
    #[arg(
        long = "oidc-name",
        value_name = "NAME",
        env = "CASEBOOK_OIDC_NAME",
        default_value = "single sign-on",
        value_parser = Line::parse
    )]
    name: Line,
    /// What to ask the provider for
    #[arg(
        long = "oidc-scopes",
        value_name = "SCOPES",
        env = "CASEBOOK_OIDC_SCOPES",
        default_value = "openid,email,profile",
        value_delimiter = ','
    )]
    scopes: Vec<String>,
    /// The claim that names somebody's groups
    #[arg(
        long = "oidc-groups-claim",
        value_name = "CLAIM",
        env = "CASEBOOK_OIDC_GROUPS_CLAIM",
        default_value = "groups"
    )]
    groups_claim: String,
    /// The role of a group's members: reader, author, editor or admin. May be repeated, in the environment with
    /// semicolons; of several the highest counts
    #[arg(
        long = "oidc-role",
        value_name = "GROUP=ROLE",
        env = "CASEBOOK_OIDC_ROLES",
        value_delimiter = ';',
        requires = "issuer"
    )]
    roles: Vec<GroupRole>,
    /// The role of whoever is in no such group; none keeps them out
    #[arg(
        long = "oidc-default-role",
        value_name = "ROLE|none",
        env = "CASEBOOK_OIDC_DEFAULT_ROLE",
        default_value = "reader",
        value_parser = default_role
    )]
    default_role: DefaultRole,
}

/// The role of whoever is in no group that has one.
#[derive(Debug, Clone, Copy)]
struct DefaultRole(Option<Role>);

fn default_role(text: &str) -> Result<DefaultRole, String> {
    if text.trim() == "none" {
        return Ok(DefaultRole(None));
    }
    Role::parse(text).map(|role| DefaultRole(Some(role))).map_err(|invalid| format!("{invalid}; or none"))
}

fn secret(text: &str) -> Result<ClientSecret, String> {
    Ok(ClientSecret::new(text.to_owned()))
}

impl OidcOptions {
    /// The provider, where one is named.
    pub(super) fn provider(&self, public_url: Option<&str>) -> Result<Option<Arc<Provider>>, Failed> {
        let issuer = self.issuer.as_ref().filter(|issuer| !issuer.trim().is_empty());
        let (Some(issuer), Some(client_id)) = (issuer, &self.client_id) else { return Ok(None) };
        let public_url = public_url.ok_or_else(|| {
            Failed::new(
                "--oidc-issuer needs --public-url: the provider has to be told the address of Casebook to which it \
                 sends people back",
            )
        })?;
        let registration = Registration {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: self.client_secret()?,
            name: self.name.clone(),
            scopes: self.scopes.iter().map(|scope| scope.trim().to_owned()).filter(|scope| !scope.is_empty()).collect(),
            groups_claim: self.groups_claim.clone(),
            roles: RoleMapping::new(self.roles.clone(), self.default_role.0),
            public_url: public_url.to_owned(),
        };
        let provider =
            Provider::new(registration).map_err(Failed::because("cannot offer login with OpenID Connect"))?;
        Ok(Some(Arc::new(provider)))
    }

    fn client_secret(&self) -> Result<Option<ClientSecret>, Failed> {
        let given = self.client_secret.clone();
        let secret = match &self.client_secret_file {
            Some(file) => {
                let text = std::fs::read_to_string(file).map_err(Failed::because(format!(
                    "cannot read the secret of the OpenID client from {}",
                    file.display()
                )))?;
                Some(ClientSecret::new(text.trim().to_owned()))
            }
            None => given,
        };
        Ok(secret.filter(|secret| !secret.secret().is_empty()))
    }
}
