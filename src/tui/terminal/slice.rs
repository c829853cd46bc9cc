//! What the threads of a key ask of the kernel: a short turn of the processor, and therefore soon.
//!
//! Linux lets a thread that wakes wait until the one that runs has had its turn, some milliseconds where
//! every processor is busy, unless the one that wakes asks for shorter turns than it (`sched_setattr(2)`
//! with a runtime, Linux 6.12 and later). It is a wish and takes nothing from others: who asks for short
//! turns gets as much in all. Programs that are started do not inherit it; a niceness below 0, which they then would not
//! inherit either, is left alone. Elsewhere it does nothing.

/// Asks that this thread be given short turns.
pub fn short() {
    #[cfg(target_os = "linux")]
    linux::short();
}

#[cfg(target_os = "linux")]
mod linux {
    /// The shortest turn that may be asked for, in nanoseconds.
    const SHORTEST: u64 = 100_000;
    /// `SCHED_FLAG_RESET_ON_FORK`.
    const NOT_INHERITED: u64 = 0x01;
    /// `SCHED_OTHER`: any other policy is somebody's wish.
    const USUAL: u32 = 0;
    /// This thread.
    const SELF: libc::pid_t = 0;
    const NO_FLAGS: libc::c_uint = 0;

    /// `struct sched_attr` as it was at first, which every kernel takes.
    #[repr(C)]
    #[derive(Default)]
    struct Attributes {
        size: u32,
        policy: u32,
        flags: u64,
        nice: i32,
        priority: u32,
        runtime: u64,
        deadline: u64,
        period: u64,
    }

    #[expect(
        unsafe_code,
        reason = "no library has these calls; what they point to outlives them and is as long as said"
    )]
    pub fn short() {
        let mut wish = Attributes::default();
        let size = size_of::<Attributes>() as u32;
        let (get, set) = (libc::SYS_sched_getattr, libc::SYS_sched_setattr);
        let known = unsafe { libc::syscall(get, SELF, std::ptr::from_mut(&mut wish), size, NO_FLAGS) } == 0;
        if known && wish.policy == USUAL && wish.nice >= 0 {
            wish = Attributes { size, runtime: SHORTEST, flags: wish.flags | NOT_INHERITED, ..wish };
            // A kernel that knows nothing of it leaves all as it was.
            unsafe { libc::syscall(set, SELF, std::ptr::from_ref(&wish), NO_FLAGS) };
        }
    }
}
