// SPDX-License-Identifier: Apache-2.0

//! The smoltcp crate as a target of packetwright: the functions of packetwright_target.h.

mod abi;
mod convert;
mod datagrams;
mod descriptors;
mod gateway;
mod link;
mod names;
mod options;
mod settings;
mod stack;
mod streams;

use abi::{Address, Config, Endpoint, Host, Target, TcpStatus};
use descriptors::{Answer, Descriptor, Kind};
use settings::{Refused, Settings};
use stack::Stack;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};

/// On one line, with the words that the harness looks for: it becomes the verdict's summary.
fn report_panic(panic: &PanicHookInfo) {
    let place = panic.location().map_or("?".to_string(), ToString::to_string);
    eprintln!("panicked at {place}: {}", panic.payload_as_str().unwrap_or("without words"));
}

/// After a panic the process ends, and the harness makes a verdict of what it said.
fn guard<T>(work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| std::process::abort())
}

/// # Safety
/// `stack` is what create() gave, and nobody else uses it now.
unsafe fn with<T>(stack: *mut c_void, work: impl FnOnce(&mut Stack) -> T) -> T {
    guard(|| work(unsafe { &mut *stack.cast::<Stack>() }))
}

fn number(answer: Answer<c_int>) -> c_int {
    answer.unwrap_or_else(|error| -error)
}

fn long_number(answer: Answer<usize>) -> i64 {
    answer.map_or_else(|error| -i64::from(error), |count| count as i64)
}

/// # Safety
/// `text` has room for `size` octets.
unsafe fn put_reason(text: *mut c_char, size: usize, reason: &str) {
    let count = reason.len().min(size.saturating_sub(1));
    if size > 0 {
        unsafe {
            std::ptr::copy_nonoverlapping(reason.as_ptr(), text.cast::<u8>(), count);
            *text.add(count) = 0;
        }
    }
}

/// # Safety
/// As of the members of `Config`.
unsafe fn settings_of(config: &Config) -> Result<Settings, (c_int, String)> {
    let mut settings = Settings::default();
    for index in 0..config.knob_count {
        let (name, value) = unsafe {
            let knob = &*config.knobs.add(index);
            (
                CStr::from_ptr(knob.name).to_string_lossy(),
                CStr::from_ptr(knob.value).to_string_lossy(),
            )
        };
        settings.set(&name, &value).map_err(|refused| match refused {
            Refused::Unknown => {
                (libc::ENOTSUP, format!("smoltcp has no setting \"{name}\" of this kind"))
            }
            Refused::Value => (libc::EINVAL, format!("smoltcp's \"{name}\" cannot be \"{value}\"")),
        })?;
    }
    if config.mtu < 68 {
        return Err((libc::EINVAL, "an MTU of less than 68 carries no IPv4".to_string()));
    }
    Ok(settings)
}

unsafe extern "C" fn create(
    config: *const Config,
    host: *const Host,
    stack: *mut *mut c_void,
    reason: *mut c_char,
    reason_size: usize,
) -> c_int {
    guard(|| unsafe {
        let config = &*config;
        match settings_of(config) {
            Ok(settings) => {
                *stack = Box::into_raw(Box::new(Stack::new(config, host, settings))).cast();
                0
            }
            Err((error, text)) => {
                put_reason(reason, reason_size, &text);
                -error
            }
        }
    })
}

unsafe extern "C" fn destroy(stack: *mut c_void) {
    guard(|| drop(unsafe { Box::from_raw(stack.cast::<Stack>()) }));
}

unsafe extern "C" fn inject(stack: *mut c_void, frame: *const u8, count: usize) {
    unsafe { with(stack, |s| s.inject(octets(frame, count))) }
}

unsafe extern "C" fn advance(stack: *mut c_void, now_ns: u64) {
    unsafe { with(stack, |s| s.advance(now_ns)) }
}

unsafe extern "C" fn next_timer(stack: *mut c_void) -> u64 {
    unsafe { with(stack, |s| s.next_timer().unwrap_or(abi::NEVER)) }
}

unsafe extern "C" fn socket(stack: *mut c_void, family: c_int, kind: c_int, what: c_int) -> c_int {
    unsafe {
        with(stack, |s| match (kind, what) {
            (abi::STREAM, abi::ANY | abi::TCP) => {
                s.descriptors.add(Descriptor::new(family as u8, Kind::Fresh))
            }
            (abi::DATAGRAM, abi::ANY | abi::UDP) => s.new_datagram(family as u8),
            _ => -libc::ENOTSUP,
        })
    }
}

unsafe extern "C" fn bind(stack: *mut c_void, fd: c_int, local: *const Endpoint) -> c_int {
    unsafe { with(stack, |s| number(s.bind(fd, &*local))) }
}

unsafe extern "C" fn listen(stack: *mut c_void, fd: c_int, backlog: c_int) -> c_int {
    unsafe { with(stack, |s| number(s.listen(fd, backlog))) }
}

unsafe extern "C" fn accept(stack: *mut c_void, fd: c_int, peer: *mut Endpoint) -> c_int {
    unsafe {
        with(stack, |s| {
            number(s.accept(fd).map(|(fd, from)| {
                *peer = from;
                fd
            }))
        })
    }
}

unsafe extern "C" fn connect(stack: *mut c_void, fd: c_int, remote: *const Endpoint) -> c_int {
    unsafe {
        with(stack, |s| {
            let is_datagram = s.is_datagram(fd);
            number(is_datagram.and_then(|is_datagram| match is_datagram {
                true => s.connect_datagram(fd, &*remote),
                false => s.connect_stream(fd, &*remote),
            }))
        })
    }
}

unsafe extern "C" fn read(
    stack: *mut c_void,
    fd: c_int,
    out: *mut u8,
    count: usize,
    flags: *mut u32,
    from: *mut Endpoint,
) -> i64 {
    unsafe {
        with(stack, |s| {
            let asked = std::mem::take(&mut *flags);
            if asked & abi::OUT_OF_BAND != 0 {
                return -i64::from(libc::ENOTSUP);
            }
            let peeks = asked & abi::PEEK != 0;
            let out: &mut [u8] =
                if count == 0 { &mut [] } else { std::slice::from_raw_parts_mut(out, count) };
            long_number(s.is_datagram(fd).and_then(|is_datagram| {
                if !is_datagram {
                    return s.read_stream(fd, out, peeks);
                }
                let (count, sender) = s.read_datagram(fd, out, peeks)?;
                *from = sender;
                Ok(count)
            }))
        })
    }
}

unsafe extern "C" fn write(
    stack: *mut c_void,
    fd: c_int,
    text: *const u8,
    count: usize,
    flags: u32,
    to: *const Endpoint,
) -> i64 {
    unsafe {
        with(stack, |s| {
            if flags & (abi::OUT_OF_BAND | abi::FAST_OPEN) != 0 {
                return -i64::from(libc::ENOTSUP);
            }
            let text = octets(text, count);
            long_number(s.is_datagram(fd).and_then(|is_datagram| match is_datagram {
                true => s.write_datagram(fd, text, to.as_ref()),
                false => s.write_stream(fd, text),
            }))
        })
    }
}

unsafe extern "C" fn shutdown(stack: *mut c_void, fd: c_int, how: c_int) -> c_int {
    unsafe { with(stack, |s| number(s.shutdown(fd, how))) }
}

unsafe extern "C" fn close(stack: *mut c_void, fd: c_int) -> c_int {
    unsafe { with(stack, |s| number(s.close(fd))) }
}

unsafe extern "C" fn set_option(stack: *mut c_void, fd: c_int, option: c_int, value: i64) -> c_int {
    unsafe { with(stack, |s| number(s.set_option(fd, option, value))) }
}

unsafe extern "C" fn get_option(
    stack: *mut c_void,
    fd: c_int,
    option: c_int,
    value: *mut i64,
) -> c_int {
    unsafe {
        with(stack, |s| {
            number(s.get_option(fd, option).map(|read| {
                *value = read;
                0
            }))
        })
    }
}

unsafe extern "C" fn poll(stack: *mut c_void, fd: c_int) -> c_int {
    unsafe { with(stack, |s| number(s.poll(fd))) }
}

unsafe extern "C" fn local_endpoint(stack: *mut c_void, fd: c_int, local: *mut Endpoint) -> c_int {
    unsafe {
        with(stack, |s| {
            number(s.local_endpoint(fd).map(|end| {
                *local = end;
                0
            }))
        })
    }
}

unsafe extern "C" fn tcp_status(stack: *mut c_void, fd: c_int, status: *mut TcpStatus) -> c_int {
    unsafe {
        with(stack, |s| {
            number(s.tcp_state(fd).map(|state| {
                (*status).state = state;
                0
            }))
        })
    }
}

unsafe extern "C" fn resolve(
    stack: *mut c_void,
    name: *const c_char,
    family: c_int,
    server: *const Endpoint,
) -> c_int {
    unsafe {
        with(stack, |s| {
            number(match CStr::from_ptr(name).to_str() {
                Ok(name) => s.resolve(name, family, &*server),
                Err(_) => Err(libc::EINVAL),
            })
        })
    }
}

unsafe extern "C" fn resolved(
    stack: *mut c_void,
    query: c_int,
    addresses: *mut Address,
    most: usize,
) -> c_int {
    unsafe {
        with(stack, |s| {
            number(s.resolved(query).map(|found| {
                for (index, address) in found.iter().take(most).enumerate() {
                    *addresses.add(index) = *address;
                }
                found.len() as c_int
            }))
        })
    }
}

/// # Safety
/// `data` points to `count` octets, or `count` is 0.
unsafe fn octets<'a>(data: *const u8, count: usize) -> &'a [u8] {
    if count == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, count) } }
}

static TARGET: Target = Target {
    version: abi::VERSION,
    size: size_of::<Target>() as u32,
    name: c"smoltcp".as_ptr(),
    stack_version: c"0.14.0".as_ptr(),
    capabilities: c"arp dns icmp ipv4 ipv6 mld ndp seed stock tcp tcp_state timestamps udp \
        user_timeout wscale"
        .as_ptr(),
    flags: abi::ETHERNET,
    tick_ns: 1000,
    slack_ns: 0,
    create,
    destroy,
    inject,
    reset: None,
    advance,
    next_timer,
    now: None,
    wait: None,
    socket,
    bind,
    listen,
    accept,
    connect,
    read,
    write,
    shutdown,
    close,
    set_option,
    get_option,
    poll,
    local_endpoint,
    tcp_status,
    set_isn: None,
    resolve,
    resolved,
    netstat: None,
};

#[unsafe(no_mangle)]
pub extern "C" fn packetwright_target() -> *const Target {
    set_hook(Box::new(report_panic));
    &TARGET
}
