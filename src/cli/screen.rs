//! The screens of a workspace: taken first, read behind the first picture.
//!
//! Nothing is read before the terminal is taken but the workspace's name; what
//! goes wrong afterwards is told once the terminal has been given back.

use super::args::{ColorWord, Global};
use super::context::{self, Context};
use super::outcome::{Ended, Exit, Failure};
use crate::config;
use crate::runtime::Setup;
use crate::tui::glyphs::Glyphs;
use crate::tui::keymap::files::Files;
use crate::tui::run::{self, About, Look, Opening};
use crate::tui::script::Show;
use crate::tui::theme::Depth;
use crate::tui::theme::user::Place;

/// Opens the screens of the workspace one stands in.
pub fn screen(global: &Global) -> Ended {
    let (name, purpose) = config::glance(&context::root(global)?);
    let (global, looks) = (global.clone(), look(global));
    let make = move || setup(&global).map(|setup| About::Session(Box::new(setup)));
    open(&looks, Opening { name, purpose, words: "reading the workspace", make, tell }, None)
}

/// Reads the workspace: what a session of the screens needs.
pub fn setup(global: &Global) -> Result<Setup, Failure> {
    let context = Context::open(global)?;
    Ok(Setup {
        origin: context.origin("screens")?,
        access: context.access(),
        state: context.state,
        workspace: context.workspace,
        observe: true,
        reload: true,
    })
}

/// How the screens are asked to look: flags, and the theme of this environment.
pub fn look(global: &Global) -> Look {
    let depth = match global.color {
        ColorWord::Auto => None,
        ColorWord::None => Some(Depth::None),
        ColorWord::Sixteen => Some(Depth::Sixteen),
        ColorWord::Indexed => Some(Depth::Indexed),
        ColorWord::True => Some(Depth::True),
    };
    Look {
        theme: std::env::var("HOLDPOINT_THEME").ok().filter(|name| !name.is_empty()),
        depth,
        glyphs: global.ascii.then_some(Glyphs::Ascii),
        keys: files(global),
        place: Place::of_user(),
    }
}

/// Tells whoever has left what is waited for.
pub fn tell(words: &str) {
    eprintln!("{words}");
}

/// The keymap's files: the workspace's where one stands in one, and the user's own.
pub fn files(global: &Global) -> Files {
    Files::of(context::root(global).ok().as_deref(), Place::of_user().dir.as_deref())
}

/// Runs the screens until they end, with a script at the keys if there is one.
pub fn open<F>(look: &Look, opening: Opening<F>, show: Option<Show>) -> Ended
where
    F: FnOnce() -> Result<About, Failure> + Send + 'static,
{
    match run::run(opening, look, show) {
        Ok(run::Ended::Quit) => Ok(Exit::Done),
        Ok(run::Ended::Unmade(failure)) => Err(failure),
        Ok(run::Ended::Unplayed(failure)) => Err(Failure::failed(failure.to_string())),
        Ok(run::Ended::Abandoned(words)) => Err(Failure::failed(format!(
            "left while this was under way and did not end within {} s: {words}; it was given up",
            run::LONGEST.as_secs()
        ))),
        Ok(run::Ended::Ended(how)) => Err(Failure::failed(format!("the screens ended: {how}"))),
        Ok(run::Ended::Panicked(text)) => Err(Failure::failed(format!("holdpoint stopped: {text}"))),
        Err(error) => Err(Failure::usage(format!("cannot open the screens: {error}"))),
    }
}
