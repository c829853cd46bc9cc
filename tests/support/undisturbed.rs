//! Asynchronous tests as trials that are begun anew where the machine stood still (`trial`): with
//! `use crate::undisturbed as tokio;` every `#[tokio::test]` of a file is one.

pub use ::tokio::*;

/// What `#[tokio::test]` makes its runtime with.
pub mod runtime {
    use crate::trial::trial;
    pub use ::tokio::runtime::*;

    /// Builds a runtime whose one future is such a trial.
    pub struct Builder(::tokio::runtime::Builder);

    impl Builder {
        pub fn new_current_thread() -> Self {
            Self(::tokio::runtime::Builder::new_current_thread())
        }

        pub fn enable_all(mut self) -> Self {
            self.0.enable_all();
            self
        }

        pub fn build(mut self) -> std::io::Result<Runtime> {
            self.0.build().map(Runtime)
        }
    }

    /// Runs one trial.
    pub struct Runtime(::tokio::runtime::Runtime);

    impl Runtime {
        pub fn block_on<T: Default>(self, future: impl Future<Output = T>) -> T {
            trial(move || self.0.block_on(future))
        }
    }
}
