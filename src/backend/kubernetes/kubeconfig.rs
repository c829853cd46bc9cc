//! Kubeconfigs: files read and laid over each other, and what one context of them says.
//!
//! As `kubectl` does it: `KUBECONFIG` may name several files, the first that says something counts, and relative
//! paths begin where their file lies. What stands in a file is never repeated in an error: it holds secrets.

pub mod entry;
pub mod pod;
pub mod site;
pub mod user;

use super::yaml;
use entry::Entry;
use serde_json::Value;
use site::Site;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use user::User;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 8 << 20;

/// What some files say together.
#[derive(Default)]
pub struct Kubeconfig {
    clusters: BTreeMap<String, Entry>,
    users: BTreeMap<String, Entry>,
    contexts: BTreeMap<String, Entry>,
    current: Option<String>,
}

/// What one context leads to.
#[derive(Clone)]
pub struct Chosen {
    /// Its name.
    pub context: String,
    /// The namespace of whatever does not say.
    pub namespace: String,
    /// Where the cluster is.
    pub site: Site,
    /// Who asks.
    pub user: User,
    /// Whether it is a pod's own account, which the cluster renews.
    pub own: bool,
}

/// What the environment leads to.
pub enum Found {
    /// What the files say that there are.
    Read(Kubeconfig),
    /// None of the files is there; which they are, in words.
    None(String),
}

impl Kubeconfig {
    /// That of the environment: the files of `KUBECONFIG`, or `~/.kube/config`. As with `kubectl` not all of them
    /// have to be there.
    ///
    /// # Errors
    /// Which file cannot be read.
    pub fn of_environment() -> Result<Found, String> {
        let named = std::env::var_os("KUBECONFIG").unwrap_or_default();
        let mut files: Vec<PathBuf> =
            std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty()).collect();
        if files.is_empty() {
            let home = std::env::home_dir().ok_or("no home directory; declare kubeconfig")?;
            files.push(home.join(".kube/config"));
        }
        Self::of_those(&files)
    }

    /// That of those among some files that are there.
    ///
    /// # Errors
    /// Which of them cannot be read.
    pub fn of_those(files: &[PathBuf]) -> Result<Found, String> {
        let absent = |file: &&PathBuf| file.metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound);
        let there: Vec<PathBuf> = files.iter().filter(|file| !absent(file)).cloned().collect();
        if there.is_empty() {
            let named: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
            return Ok(Found::None(named.join(", ")));
        }
        Self::of(&there).map(Found::Read)
    }

    /// That of some files: where several say something, the first counts.
    ///
    /// # Errors
    /// Which cannot be read.
    pub fn of(files: &[PathBuf]) -> Result<Self, String> {
        let mut whole = Self::default();
        files.iter().try_for_each(|file| whole.read(file)).map(|()| whole)
    }

    fn read(&mut self, file: &Path) -> Result<(), String> {
        let unread = |why: String| format!("{}: {why}", file.display());
        let text = std::fs::metadata(file).and_then(|meta| match meta.len() > LARGEST {
            true => Err(std::io::Error::other("it is larger than 8 MiB")),
            false => std::fs::read_to_string(file),
        });
        let text = text.map_err(|error| unread(error.to_string()))?;
        let directory = file.parent().unwrap_or(Path::new(""));
        for document in yaml::documents(&text).map_err(|_| entry::malformed("the file"))? {
            self.lay_under(&document, directory)?;
        }
        Ok(())
    }

    /// Takes from a document what nothing has said before.
    fn lay_under(&mut self, document: &Value, directory: &Path) -> Result<(), String> {
        if document.is_null() {
            return Ok(());
        }
        let document = Entry::new(document.clone(), directory);
        for (all, of, one) in [
            (&mut self.clusters, "clusters", "cluster"),
            (&mut self.users, "users", "user"),
            (&mut self.contexts, "contexts", "context"),
        ] {
            for named in document.list(of)? {
                if let (Some(name), Some(said)) = (named.text("name")?, named.within(one)?) {
                    all.entry(name).or_insert(said);
                }
            }
        }
        let current = document.text("current-context")?;
        self.current = self.current.take().or(current);
        Ok(())
    }

    /// What a context says, or the current one.
    ///
    /// # Errors
    /// What is missing, or is not as it has to be.
    pub fn choose(&self, context: Option<&str>) -> Result<Chosen, String> {
        let context = context.or(self.current.as_deref()).ok_or("it has no current context; declare one")?;
        let said = self.contexts.get(context).ok_or_else(|| format!("it has no context {context:?}"))?;
        let cluster = said.text("cluster")?.unwrap_or_default();
        let site = self.clusters.get(&cluster).ok_or_else(|| format!("it has no cluster {cluster:?}"))?;
        let user = said.text("user")?.and_then(|name| self.users.get(&name));
        Ok(Chosen {
            context: context.to_owned(),
            namespace: said.text("namespace")?.unwrap_or_else(|| "default".to_owned()),
            // Whoever is not named asks without credentials, as with `kubectl`.
            user: user.map(|user| User::read(user, site)).transpose()?.unwrap_or_default(),
            site: Site::read(site)?,
            own: false,
        })
    }
}
