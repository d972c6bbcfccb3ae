/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A system as its description says it is: the one model between the parser and the image.
 *
 * Made     by microkit_parse, which fills in what stands in the file, defaults included.
 * Checked  by microkit_check, which links what refers to one another by name (a map and its region),
 *          proves the properties that take the whole system to see, and settles the regions' page
 *          sizes. Only a checked system makes an image.
 * Owned    by itself: everything a system points to lives in its arena and dies with it, at
 *          microkit_free. Nothing in it is freed, or grows, on its own. Strings end in NUL.
 * Written  by those two only; an image is made from a const system.
 *
 * Arrays are in the order of the file. A count of 0 goes with a NULL array. Every element has the
 * position where its start tag begins. Sizes and addresses are in bytes, budgets in microseconds.
 */
#pragma once

#include "microkit/diagnostic.h"
#include "microkit/target.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits of Microkit 2.3.0. Source: tool/microkit/src/sdf.rs, libmicrokit/include/microkit.h. */
#define PD_COUNT_MAX         63
#define PD_PRIORITY_MAX      254
#define PD_STACK_SIZE_MIN    UINT64_C(0x1000)
#define PD_STACK_SIZE_MAX    UINT64_C(0x1000000)
#define CHANNEL_ID_MAX       61
#define CHILD_ID_MAX         63 /* ours: upstream takes any, but has no place for more */
#define USER_CAP_SLOT_MAX    127
#define X86_IRQ_VECTOR_MAX   107
#define IO_ADDRESS_SPACE_END (UINT64_C(1) << 39)

enum {
    PERM_READ = 1,
    PERM_WRITE = 2,
    PERM_EXECUTE = 4,
};

enum prefill_kind { PREFILL_NONE, PREFILL_FILE, PREFILL_BOOTINFO };

/* What a memory region holds when the system starts, from its first byte on. Zeros follow. */
struct prefill {
    enum prefill_kind kind;
    const char *path;     /* PREFILL_FILE: as written */
    const uint8_t *bytes; /* PREFILL_FILE: at least one */
    size_t size;          /* PREFILL_FILE: at most the region's */
    uint64_t bootinfo_id; /* PREFILL_BOOTINFO: SEL4_BOOTINFO_HEADER_*, see abi/bootinfo.h */
};

struct memory_region {
    struct position at;
    const char *name;
    uint64_t size;        /* a multiple of page_size */
    uint64_t page_size;   /* PAGE_SMALL or PAGE_LARGE; final once the system is checked */
    bool page_size_given; /* by the user, so it stays */
    bool phys_addr_given;
    uint64_t phys_addr; /* a multiple of page_size, if given */
    struct prefill prefill;
};

struct map {
    struct position at;
    struct memory_region *region;
    const char *region_name;
    uint64_t vaddr;
    uint8_t perms; /* PERM_*; may be 0 or PERM_EXECUTE alone, as upstream accepts */
    bool cached;
};

enum irq_kind { IRQ_IOAPIC, IRQ_MSI, IRQ_CONVENTIONAL };
enum irq_trigger { TRIGGER_LEVEL, TRIGGER_EDGE };
enum irq_polarity { POLARITY_HIGH, POLARITY_LOW };

struct pci_address {
    uint8_t bus;
    uint8_t device;   /* 0 to 31 */
    uint8_t function; /* 0 to 7 */
};

struct irq {
    struct position at;
    enum irq_kind kind;
    uint64_t id;     /* 0 to CHANNEL_ID_MAX: the channel it arrives on */
    uint64_t number; /* the vector, 0 to X86_IRQ_VECTOR_MAX; elsewhere the interrupt's number */
    enum irq_trigger trigger;   /* IRQ_IOAPIC, IRQ_CONVENTIONAL */
    enum irq_polarity polarity; /* IRQ_IOAPIC */
    uint64_t ioapic;            /* IRQ_IOAPIC */
    uint64_t pin;               /* IRQ_IOAPIC */
    struct pci_address pci;     /* IRQ_MSI */
    uint64_t handle;            /* IRQ_MSI */
};

struct ioport {
    struct position at;
    uint64_t id;   /* 0 to CHANNEL_ID_MAX, apart from the ids of channels */
    uint64_t addr; /* the first port */
    uint64_t size; /* in ports, at least 1; addr + size does not overflow */
};

/*
 * A word of a PD's program that the tool fills in.
 * REGION_SIZE, REGION_PREFILL_SIZE and REGION_PADDR take it from `region`, once the system is
 * checked; see setvar_value().
 */
enum setvar_kind {
    SETVAR_VALUE, /* a map's vaddr, an id, a port: known from the file */
    SETVAR_REGION_SIZE,
    SETVAR_REGION_PREFILL_SIZE,
    SETVAR_REGION_PADDR,
};

struct setvar {
    struct position at;
    enum setvar_kind kind;
    const char *symbol;
    uint64_t value; /* SETVAR_VALUE */
    struct memory_region
        *region;             /* the others. NULL only for a SETVAR_REGION_PADDR before the check */
    const char *region_name; /* the others */
};

enum user_cap_kind { USER_CAP_TCB, USER_CAP_SC, USER_CAP_VSPACE };

/* A cap of another PD, for this PD's use: a child of <cspace>. */
struct user_cap {
    struct position at;
    enum user_cap_kind kind;
    struct protection_domain *pd;
    const char *pd_name;
    uint64_t slot; /* 1 to USER_CAP_SLOT_MAX, in the root CNode */
};

struct vcpu {
    struct position at;
    uint64_t id;
    uint8_t cpu;
    bool cpu_given;
};

/* Only for targets with a hypervisor: elsewhere the parser refuses it. */
struct virtual_machine {
    struct position at;
    const char *name;
    uint64_t budget_us;
    uint64_t period_us;
    uint8_t priority;
    size_t vcpu_count;
    struct vcpu *vcpus;
    size_t map_count;
    struct map *maps;
};

/*
 * A protection domain. Its index in system->pds is its number everywhere: parents come before their
 * children, and a PD's whole family before its next sibling.
 */
struct protection_domain {
    struct position at;
    const char *name;
    struct protection_domain *parent; /* NULL: a child of <system>; its faults go to the monitor */
    size_t child_count;               /* of its own, not of theirs */
    uint64_t id;                      /* 0 to CHILD_ID_MAX, for the parent; 0 without one */

    const char *program_image;             /* as written: to be found along the search path */
    const char *program_image_for_symbols; /* NULL: the image has them */
    struct position program_image_at;

    uint64_t budget_us;
    uint64_t period_us;
    uint64_t stack_size; /* a multiple of PAGE_SMALL */
    uint8_t priority;
    uint8_t cpu;
    uint8_t domain; /* 0 if the system has no domains */
    bool passive;
    bool fpu;
    bool smc;

    size_t map_count;
    struct map *maps;
    size_t irq_count;
    struct irq *irqs;
    size_t ioport_count;
    struct ioport *ioports;
    size_t setvar_count;
    struct setvar *setvars; /* no symbol twice; those of channel ends come last */
    size_t user_cap_count;
    struct user_cap *user_caps;
    struct virtual_machine *vm; /* NULL: none */
};

struct channel_end {
    struct position at;
    struct protection_domain *pd;
    const char *pd_name;
    uint64_t id; /* 0 to CHANNEL_ID_MAX: what this PD calls the channel */
    bool notify; /* this end may notify the other */
    bool pp;     /* this end may make protected calls to the other */
};

/* Between two PDs, or a PD and itself. At most one end has `pp`. */
struct channel {
    struct position at;
    struct channel_end ends[2];
};

struct domain {
    struct position at;
    const char *name;
    uint8_t id; /* as given, else the lowest that is free */
    bool id_given;
};

enum schedule_unit { SCHEDULE_US, SCHEDULE_TICKS, SCHEDULE_END };

struct schedule_entry {
    struct position at;
    enum schedule_unit unit;
    uint8_t domain;    /* 0 for SCHEDULE_END */
    uint64_t duration; /* in `unit`; 0 for SCHEDULE_END */
};

/* The schedule of domains. Absent (no domains) if domain_count is 0. */
struct domain_schedule {
    struct position at;
    size_t domain_count;
    struct domain *domains;
    size_t entry_count;
    struct schedule_entry *entries;
    uint64_t start_index; /* below entry_count */
    uint64_t index_shift; /* added to each entry's index in the kernel's schedule */
};

struct iomap {
    struct position at;
    struct memory_region *region;
    const char *region_name;
    uint64_t iovaddr; /* the region ends at or below IO_ADDRESS_SPACE_END */
    uint8_t perms;    /* PERM_READ, PERM_WRITE or both */
};

/* What a device on the PCI bus can reach. Only for targets with an IOMMU. */
struct io_address_space {
    struct position at;
    const char *name;
    struct pci_address device;
    uint64_t domain_id; /* on x86; elsewhere 0 */
    size_t iomap_count;
    struct iomap *iomaps;
};

struct arena;

struct system {
    struct arena *arena;
    const struct target *target;
    struct source source;

    size_t pd_count; /* 1 to PD_COUNT_MAX in a checked system */
    struct protection_domain *pds;
    size_t region_count;
    struct memory_region *regions;
    size_t channel_count;
    struct channel *channels;
    size_t io_address_space_count;
    struct io_address_space *io_address_spaces;
    struct domain_schedule schedule;
};

/* Folders to look for files in, in this order. */
struct search_path {
    size_t count;
    const char *const *folders;
};

/*
 * Read a system description.
 *
 * path    The file. It names the system in messages, as written here.
 * search  Where prefill files are looked for: they are read here.
 * found   Takes the messages. Parsing ends at the first error.
 *
 * Returns the system, for microkit_check and then microkit_free; or NULL, with an error in `found`,
 * if the file cannot be read, is no XML, or has an element that is wrong by itself.
 */
struct system *microkit_parse(const char *path, const struct target *target,
                              const struct search_path *search, struct diagnostics *found);

/* As microkit_parse, from `length` bytes of text, which need not outlive the call. */
struct system *microkit_parse_text(const char *name, const char *text, size_t length,
                                   const struct target *target, const struct search_path *search,
                                   struct diagnostics *found);

/*
 * Check what takes the whole system to see, and settle the regions' page sizes. Ends at the first
 * error; warnings do not end it. Returns whether there was none. To be called once.
 */
bool microkit_check(struct system *system, struct diagnostics *found);

/* Free a system and all that it points to. NULL is fine. */
void microkit_free(struct system *system);

/*
 * Find a file: the first folder of `search` in which `name` exists; an absolute name stands for
 * itself. Returns the path, to be freed by the caller; NULL if there is none (errno ENOENT), or no
 * memory (ENOMEM).
 */
char *microkit_find_file(const struct search_path *search, const char *name);

/* Upstream's form of a place in a system's description, in messages: AT with AT_OF(). */
#define AT                      "%s:%" PRIu32 ":%" PRIu32
#define AT_OF(system, position) (system)->source.name, (position).line, (position).column

/* A PD's number. */
static inline size_t pd_index(const struct system *system, const struct protection_domain *pd)
{
    return (size_t)(pd - system->pds);
}

/* Whether a PD receives on an endpoint (it has children, a VM, or is called), not its notification. */
bool pd_needs_endpoint(const struct system *system, const struct protection_domain *pd);

/* What to write to a symbol. The system is checked. */
uint64_t setvar_value(const struct setvar *setvar);
