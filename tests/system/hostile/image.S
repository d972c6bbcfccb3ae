/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The guests' image, inside the root task. */
    .section .rodata
    .globl guest_image, guest_image_end
    .balign 4096
guest_image:
    .incbin "guest.bin"
guest_image_end:
    .balign 4096

    .section .note.GNU-stack, "", @progbits
