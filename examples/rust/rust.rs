// SPDX-License-Identifier: BSD-2-Clause
// Copyright 2026, the Quoll authors

//! A PD in Rust, with nothing but `core` and libmicrokit.
//!
//! libmicrokit has the event loop and the console, which are called as C functions. What microkit.h
//! defines inline is not in the library, so the system calls stand here: registers and numbers as in
//! libsel4 for x86-64 and the MCS kernel.

#![no_std]
#![no_main]

use core::arch::asm;
use core::panic::PanicInfo;

extern "C" {
    fn microkit_dbg_puts(text: *const u8);
    fn microkit_dbg_put32(number: u32);

    /// Written by the tool: the channels that this PD may call, a bit each.
    static microkit_pps: u64;

    /// A word of tag, then the message registers.
    static __sel4_ipc_buffer: *mut u64;
}

type Channel = u32;

const OTHER: Channel = 0;

/// Where the tool puts the caps of channel 0; those of channel `n` are `n` further.
const BASE_NOTIFICATION: u64 = 10;
const BASE_ENDPOINT: u64 = 74;

const SYS_CALL: i64 = -1;
const SYS_SEND: i64 = -5;

/// The lowest seven bits of a message info are the count of message registers.
type MessageInfo = u64;

fn notify(channel: Channel) {
    // rbx keeps the stack pointer, which the kernel need not return. It is saved by hand, because
    // Rust does not let inline assembly name it.
    unsafe {
        asm!(
            "push rbx", "mov rbx, rsp", "syscall", "mov rsp, rbx", "pop rbx",
            in("rdx") SYS_SEND,
            in("rdi") BASE_NOTIFICATION + u64::from(channel),
            in("rsi") 0u64,
            out("rcx") _, out("r11") _,
        );
    }
}

/// A protected call with one word, answered with one word.
fn call(channel: Channel, word: u64) -> u64 {
    let answer;
    unsafe {
        asm!(
            "push rbx", "mov rbx, rsp", "syscall", "mov rsp, rbx", "pop rbx",
            in("rdx") SYS_CALL,
            inout("rdi") BASE_ENDPOINT + u64::from(channel) => _,
            inout("rsi") 1u64 => _,
            inout("r10") word => answer,
            inout("r8") 0u64 => _, inout("r9") 0u64 => _, inout("r15") 0u64 => _,
            in("r12") 0u64,
            out("rcx") _, out("r11") _,
        );
    }
    answer
}

/// `text` ends with a zero, as C wants it.
fn say(text: &'static [u8]) {
    unsafe { microkit_dbg_puts(text.as_ptr()) }
}

#[no_mangle]
pub extern "C" fn init() {
    if unsafe { microkit_pps } >> OTHER & 1 == 0 {
        return; // the server: it may call nobody
    }
    let sum = call(OTHER, 10);
    say(b"client in Rust: the squares up to 10 sum to \0");
    unsafe { microkit_dbg_put32(sum as u32) };
    say(b"\n\0");
    notify(OTHER);
}

#[no_mangle]
pub extern "C" fn notified(_channel: Channel) {
    say(b"server in Rust: notified\n\0");
}

/// `protected` is no keyword in Rust.
#[no_mangle]
pub extern "C" fn protected(_channel: Channel, _info: MessageInfo) -> MessageInfo {
    let first = unsafe { __sel4_ipc_buffer.add(1) };
    unsafe { *first = (1..=*first).map(|i| i * i).sum() };
    1
}

#[panic_handler]
fn panic(_info: &PanicInfo) -> ! {
    say(b"panic\n\0");
    // An illegal instruction: a fault, which the monitor reports.
    unsafe { asm!("ud2", options(noreturn)) }
}
