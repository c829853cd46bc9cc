//! Why there are no credentials, in words that hold none.
//!
//! The client's own words quote what a program printed, its arguments and its environment:
//! a token may be in any of them. Only its last complaint is told.

use kube::client::AuthError;

/// Why there are none.
pub fn words(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecRun { out, .. } => {
            let complained = String::from_utf8_lossy(&out.stderr);
            let last = complained.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
            format!("the program that brings credentials ended with {}: {last}", out.status)
        }
        AuthError::AuthExecStart(error) => format!("the program that brings credentials cannot be started: {error}"),
        AuthError::ReadTokenFile(error, path) => format!("cannot read the token file {}: {error}", path.display()),
        AuthError::ExecPluginFailed | AuthError::UnrefreshableTokenResponse => {
            "the program that brings credentials brought none".to_owned()
        }
        AuthError::InvalidBasicAuth(_) | AuthError::InvalidBearerToken(_) => {
            "the credentials cannot stand in a header; is there a line break in them?".to_owned()
        }
        AuthError::MissingCommand => "the kubeconfig names no program that brings credentials".to_owned(),
        _ => "what the program that brings credentials printed is no ExecCredential".to_owned(),
    }
}
