//! Putting themes on: the one asked for at the start, the one that is being
//! looked at or kept, and what is new in the files of the one that is worn.
//!
//! No file is read here but the one theme of the first picture.

use super::{Message, Screen};
use crate::tui::glyphs::Glyphs;
use crate::tui::keymap::files::Files;
use crate::tui::theme::collection::{self, Entry, Read};
use crate::tui::theme::user::Place;
use crate::tui::theme::{BadTheme, Depth, Role, Theme, Themes, watch};
use crate::tui::ui::Ui;
use crate::tui::watch::Watched;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

/// How the screens are to look, as far as somebody says so.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// A theme by name, or by its file where the text has a slash.
    pub theme: Option<String>,
    /// How many colours to use; what the environment says when none.
    pub depth: Option<Depth>,
    /// Which signs to use; what the locale says when none.
    pub glyphs: Option<Glyphs>,
    /// Where the user's own themes and settings lie.
    pub place: Place,
    /// The files that lie over the keymap.
    pub keys: Files,
}

/// What is worn.
pub(super) struct Worn {
    /// The theme asked for at the start.
    asked: String,
    /// The theme that was put on last, by the name it was asked for.
    name: String,
    /// Its styles as they were read; a broken file leaves them.
    read: Option<Read>,
    /// What was last said about its file.
    told: Option<BadTheme>,
    depth: Depth,
    glyphs: Glyphs,
}

impl Worn {
    /// Reads the theme that was asked for and nothing else; what is wrong with it is said.
    pub(super) fn first(look: &Look, ui: &mut Ui) -> (Self, Theme) {
        let env = |name: &str| std::env::var(name).ok();
        let depth = look.depth.unwrap_or_else(|| Depth::detect(env));
        let glyphs = look.glyphs.unwrap_or_else(|| Glyphs::for_locale(env));
        let kept = look.theme.clone().map_or_else(|| look.place.kept(), |asked| Ok(Some(asked)));
        let asked = kept.unwrap_or_else(|problem| {
            ui.say(Role::Fail, BadTheme { name: "of your settings".to_owned(), problem }.to_string());
            None
        });
        let asked = asked.unwrap_or_else(|| collection::DEFAULT.to_owned());
        let read = match own_file(&asked) {
            Some(path) => collection::read_file(&path),
            None => collection::find(&asked, look.place.themes().as_deref()),
        };
        let (read, told) = match read {
            Ok(read) => (Some(read), None),
            Err(bad) => {
                ui.say(Role::Fail, format!("{bad}; {} is used", collection::DEFAULT));
                (collection::built_in(collection::DEFAULT).ok(), Some(bad))
            }
        };
        let name = own_file(&asked).map_or_else(|| asked.clone(), |path| collection::name_of(&path));
        let worn = Self { asked: name.clone(), name, read, told, depth, glyphs };
        let theme = worn.theme();
        (worn, theme)
    }

    /// Whether the terminal is one that can be called and named: a monochrome one may print it.
    pub(super) fn calls(&self) -> bool {
        self.depth != Depth::None
    }

    fn theme(&self) -> Theme {
        match &self.read {
            Some(read) => Theme::fitted(&read.name, &read.styles, self.depth, self.glyphs),
            None => Theme::plain(self.glyphs),
        }
    }
}

/// Reads all themes behind the first picture and tells when their files have changed.
pub(super) fn files(look: &Look, messages: Sender<Message>) -> Watched {
    let also = look.theme.as_deref().and_then(own_file);
    watch::watched(look.place.themes(), also, move |themes| messages.send(Message::Themes(themes)).is_ok())
}

/// The file that a theme was named by; none when it was named by its name.
fn own_file(asked: &str) -> Option<PathBuf> {
    asked.contains('/').then(|| Path::new(asked).to_path_buf())
}

impl Screen {
    /// Takes what was read of all themes.
    pub(super) fn themes(&mut self, themes: Themes) {
        self.ui.themes = themes;
        let entry = self.ui.themes.get(&self.worn.name).cloned();
        let Some(Entry { read, path: Some(_), .. }) = entry else {
            self.dress();
            return;
        };
        match read {
            Ok(read) if self.worn.read.as_ref() == Some(&read) => self.worn.told = None,
            Ok(read) => {
                let mended = match read.repairs.len() {
                    0 => String::new(),
                    n => format!(", {n} of its colours mended: `holdpoint theme check {}`", read.name),
                };
                self.ui.say(Role::Text, format!("theme {} read again{mended}", read.name));
                (self.worn.read, self.worn.told) = (Some(read), None);
                self.theme = self.worn.theme();
            }
            Err(bad) if self.worn.told.as_ref() == Some(&bad) => {}
            Err(bad) => {
                self.ui.say(Role::Fail, format!("{bad}; it stays as it was"));
                self.worn.told = Some(bad);
            }
        }
        self.dress();
    }

    /// Puts on what is wanted: what the list shows, else what was kept, else what was asked for.
    pub(super) fn dress(&mut self) {
        let shown = self.ui.chooser.as_ref().and_then(|chooser| chooser.name());
        let wanted = shown.or(self.ui.theme.as_deref()).unwrap_or(&self.worn.asked);
        if wanted == self.worn.name {
            return;
        }
        let Some(Entry { name, read: Ok(read), .. }) = self.ui.themes.get(wanted) else { return };
        (self.worn.name, self.worn.read, self.worn.told) = (name.clone(), Some(read.clone()), None);
        self.theme = self.worn.theme();
    }
}
