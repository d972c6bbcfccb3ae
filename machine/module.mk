# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

MODULE  := machine
SOURCES := acpi.c alu.c backtrace.c board.c boot.c clock.c console.c copy.c counters.c cpu.c cpuid.c ending.c error.c \
           gdb.c gdb_breaks.c gdb_command.c gdb_packet.c gdb_socket.c gdb_target.c guest.c hpet.c \
           i8254.c ioapic.c loop.c machine.c mc146818.c memory.c ns16550.c operand.c page_fault.c \
           pci.c port.c spin.c stop.c trap.c tsc.c vector.c
USES    := abi kernel platform
LIBS    := -lZydis -ldw -lelf -pthread # instructions; symbols and unwinding; the input thread
