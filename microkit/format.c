/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The system description format of Microkit 2.3.0, declared: every element with its attributes and
 * children, in the order in which upstream looks at them (tool/microkit/src/sdf.rs).
 */
#include "microkit/file.h"
#include "microkit/schema.h"

#include "abi/bootinfo.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Shared by several elements. */

static const struct range channel_id = {
    0,
    CHANNEL_ID_MAX,
    "id must be >= 0",
    "id must be < 62",
};
static const char channel_id_advice[] =
    "Ids are bits of one word; two of its 64 are Microkit's own. So a PD has at most 62 of them.";

static const struct range irq_vector = {
    0,
    X86_IRQ_VECTOR_MAX,
    "vector must be within [0..107]",
    "vector must be within [0..107]",
};

static bool is_arm(const struct reader *r, const void *object)
{
    (void)object;
    return r->system->target->arch == ARCH_AARCH64;
}

static bool is_x86(const struct reader *r)
{
    return r->system->target->arch == ARCH_X86_64;
}

/* A core's number, or a refusal because the target has none such. */
static uint8_t read_core(struct reader *r, const struct xml_element *element, const char *text)
{
    uint64_t core = read_number(r, element, text);
    unsigned cores = r->system->target->cores;
    if (core >= cores) {
        refuse_value(r, element, "Cores count from 0. Without the attribute it is core 0.",
                     "cpu core must be less than %u, got %" PRIu64, cores, core);
    }
    return (uint8_t)core;
}

static void check_budget(struct reader *r, const struct xml_element *element, uint64_t budget_us,
                         uint64_t *period_us)
{
    if (xml_value(element, "period") == NULL) {
        *period_us = budget_us;
    }
    if (budget_us > *period_us) {
        refuse_value(r, element,
                     "In each period of so many microseconds it runs for at most its budget.\n"
                     "The budget is 1000 unless given, the period as long as the budget.",
                     "budget (%" PRIu64 ") must be less than, or equal to, period (%" PRIu64 ")",
                     budget_us, *period_us);
    }
}

/* "bus:device.function", in hexadecimal, into *pci. Returns why not, or NULL. */

static const char *read_pci_part(const char *text, size_t length, int max, const char *malformed,
                                 const char *outside, uint8_t *part)
{
    char digits[32];
    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t')) {
        length--;
    }
    if (length == 0 || length >= sizeof(digits)) {
        return malformed;
    }
    memcpy(digits, text, length);
    digits[length] = '\0';

    size_t sign = digits[0] == '-' || digits[0] == '+';
    if (digits[sign] == '\0' ||
        digits[sign + strspn(digits + sign, "0123456789abcdefABCDEF")] != '\0') {
        return malformed;
    }
    errno = 0;
    long long value = strtoll(digits, NULL, 16);
    if (errno == ERANGE) {
        return malformed;
    }
    if (value < 0 || value > max) {
        return outside;
    }
    *part = (uint8_t)value;
    return NULL;
}

static const char *read_pci(const char *text, struct pci_address *pci)
{
    const char *colon = strchr(text, ':');
    const char *point = colon == NULL ? NULL : strchr(colon, '.');
    if (point == NULL) {
        return "expected PCI address in bus:device.function form";
    }
    const char *wrong = read_pci_part(text, (size_t)(colon - text), 255, "failed to parse PCI bus",
                                      "PCI bus must be within [0..255]", &pci->bus);
    if (wrong == NULL) {
        wrong =
            read_pci_part(colon + 1, (size_t)(point - colon - 1), 31, "failed to parse PCI device",
                          "PCI device must be within [0..31]", &pci->device);
    }
    if (wrong == NULL) {
        wrong = read_pci_part(point + 1, strlen(point + 1), 7, "failed to parse PCI function",
                              "PCI function must be within [0..7]", &pci->function);
    }
    return wrong;
}

static const char pci_advice[] =
    "Write it as lspci does, in hexadecimal: \"00:1f.2\" is bus 0, device 31, function 2.";

/* <memory_region> */

static void read_page_size(struct reader *r, const struct xml_element *element, const char *text,
                           void *object)
{
    struct memory_region *region = object;
    region->page_size = read_number(r, element, text);
    region->page_size_given = true;
    if (region->page_size != PAGE_SMALL && region->page_size != PAGE_LARGE) {
        refuse_value(r, element, "Pages are of 0x1000 (4 KiB) or 0x200000 (2 MiB) bytes.",
                     "page size 0x%" PRIx64 " not supported", region->page_size);
    }
}

static noreturn void refuse_prefill(struct reader *r, const struct xml_element *element,
                                    const char *name, const char *path, int error)
{
    complain_value(r, element, "failed to read file '%s' at prefill_path", name);
    diagnostic_advise(r->found, "It was found as %s, but: %s.", path, file_error(error));
    give_up(r);
}

static noreturn void refuse_unfound(struct reader *r, const struct xml_element *element,
                                    const char *name)
{
    complain_value(r, element, "unable to find prefill file: '%s'", name);
    diagnostic_advise(r->found, "It is in none of these folders:");
    for (size_t i = 0; i < r->search->count; i++) {
        diagnostic_advise(r->found, "  %s", r->search->folders[i]);
    }
    diagnostic_advise(r->found, "Add the folder that has it with --search-path.");
    give_up(r);
}

static void read_prefill_path(struct reader *r, const struct xml_element *element, const char *name,
                              void *object)
{
    struct memory_region *region = object;
    char *path = microkit_find_file(r->search, name);
    if (path == NULL) {
        refuse_unfound(r, element, name);
    }
    /* Into the arena, so that a refusal leaves nothing behind. */
    char *path_copy = arena_copy(r->system->arena, path, strlen(path));
    free(path);
    char *bytes;
    int error = ENOMEM;
    if (path_copy != NULL) {
        error = file_read(r->system->arena, path_copy, SIZE_MAX, &bytes, &region->prefill.size);
    }
    if (error != 0) {
        refuse_prefill(r, element, name, path_copy == NULL ? name : path_copy, error);
    }
    if (region->prefill.size == 0) {
        refuse_value(r, element, "A region that is all zeros needs no prefill_path.",
                     "prefill file '%s' is empty", name);
    }
    region->prefill.kind = PREFILL_FILE;
    region->prefill.path = name;
    region->prefill.bytes = (const uint8_t *)bytes;
}

static void read_prefill_bootinfo(struct reader *r, const struct xml_element *element,
                                  const char *text, void *object)
{
    static const struct choice kinds[] = {
        {"x86_vbe", SEL4_BOOTINFO_HEADER_X86_VBE},
        {"x86_mbmmap", SEL4_BOOTINFO_HEADER_X86_MBMMAP},
        {"x86_acpi_rsdp", SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP},
        {"x86_framebuffer", SEL4_BOOTINFO_HEADER_X86_FRAMEBUFFER},
        {"x86_tsc_freq", SEL4_BOOTINFO_HEADER_X86_TSC_FREQ},
        {"fdt", SEL4_BOOTINFO_HEADER_FDT},
        {NULL, 0},
    };
    struct memory_region *region = object;
    const struct choice *kind = kinds;
    while (kind->word != NULL && strcmp(kind->word, text) != 0) {
        kind++;
    }
    if (kind->word == NULL) {
        refuse_value(r, element,
                     "The kernel's boot information has x86_vbe, x86_mbmmap, x86_acpi_rsdp,\n"
                     "x86_framebuffer, x86_tsc_freq and fdt.",
                     "BootInfoMap type: '%s' is not supported", text);
    }
    if (region->prefill.kind == PREFILL_FILE) {
        refuse_value(r, element, "Both would fill the region from its first byte on. Choose one.",
                     "prefill_path and prefill_bootinfo cannot be both specified");
    }
    region->prefill.kind = PREFILL_BOOTINFO;
    region->prefill.bootinfo_id = kind->value;
}

static void settle_region_size(struct reader *r, const struct xml_element *element,
                               struct memory_region *region)
{
    switch (region->prefill.kind) {
    case PREFILL_NONE:
        refuse_value(r, element, "Add size=\"0x1000\", or another multiple of the page size.",
                     "size must be specified if memory region is not prefilled");
    case PREFILL_FILE:
        region->size = (region->prefill.size + region->page_size - 1) & ~(region->page_size - 1);
        break;
    case PREFILL_BOOTINFO:
        region->size = region->page_size;
        break;
    }
}

static void check_region_size(struct reader *r, const struct xml_element *element, void *object)
{
    struct memory_region *region = object;
    if (xml_value(element, "size") == NULL) {
        settle_region_size(r, element, region);
        return;
    }
    if (region->size % region->page_size != 0) {
        complain_value(r, element, "size is not a multiple of the page size");
        diagnostic_advise(r->found, "The next larger size that is one is 0x%" PRIx64 ".",
                          (region->size / region->page_size + 1) * region->page_size);
        give_up(r);
    }
    if (region->prefill.size > region->size) {
        refuse_value(r, element, "Make the region larger, or leave out its size to fit the file.",
                     "size of prefill file exceeds memory region size: %zx > %" PRIx64,
                     region->prefill.size, region->size);
    }
}

static void check_phys_addr(struct reader *r, const struct xml_element *element, void *object)
{
    struct memory_region *region = object;
    region->phys_addr_given = xml_value(element, "phys_addr") != NULL;
    if (region->phys_addr % region->page_size != 0) {
        complain_value(r, element, "phys_addr is not aligned to the page size");
        diagnostic_advise(r->found, "The region's pages are of 0x%" PRIx64 " bytes.",
                          region->page_size);
        give_up(r);
    }
}

static const struct attribute region_attributes[] = {
    {"name", REQUIRED, VALUE_TEXT, FIELD(struct memory_region, name)},
    {"page_size", OPTIONAL, VALUE_OTHER, FIELD(struct memory_region, page_size),
     .preset = PAGE_SMALL, .read = read_page_size},
    {"prefill_path", OPTIONAL, VALUE_OTHER, .read = read_prefill_path},
    {"prefill_bootinfo", OPTIONAL, VALUE_OTHER, .read = read_prefill_bootinfo},
    {"size", OPTIONAL, VALUE_NUMBER, FIELD(struct memory_region, size), .check = check_region_size},
    {"phys_addr", OPTIONAL, VALUE_NUMBER, FIELD(struct memory_region, phys_addr),
     .check = check_phys_addr},
    {0},
};

static const struct schema region_schema = {
    .size = sizeof(struct memory_region),
    .attributes = region_attributes,
};

/* <map>, in a PD and in a virtual machine */

static void check_vaddr(struct reader *r, const struct xml_element *element, uint64_t vaddr,
                        uint64_t end)
{
    if (vaddr >= end) {
        refuse_value(r, element, "Above that are a PD's stack and its IPC buffer.",
                     "vaddr (0x%" PRIx64 ") must be less than 0x%" PRIx64, vaddr, end);
    }
}

static void check_pd_vaddr(struct reader *r, const struct xml_element *element, void *object)
{
    const struct map *map = object;
    check_vaddr(r, element, map->vaddr, target_stack_bottom(r->system->target, r->pd->stack_size));
}

static void check_vm_vaddr(struct reader *r, const struct xml_element *element, void *object)
{
    const struct map *map = object;
    check_vaddr(r, element, map->vaddr, r->system->target->user_top + 1);
}

/* The letters of `text`, each of which is one of `letters`, as PERM_*; -1 if there is another. */
static int read_perm_letters(const char *text, const char *letters)
{
    int perms = 0;
    for (; *text != '\0'; text++) {
        if (strchr(letters, *text) == NULL) {
            return -1;
        }
        perms |= *text == 'r' ? PERM_READ : *text == 'w' ? PERM_WRITE : PERM_EXECUTE;
    }
    return perms;
}

static void read_perms(struct reader *r, const struct xml_element *element, const char *text,
                       void *object)
{
    struct map *map = object;
    int perms = read_perm_letters(text, "rwx");
    if (perms < 0) {
        refuse_value(r, element, "For example perms=\"rw\", which is also what it is without.",
                     "perms must only be a combination of 'r', 'w', and 'x'");
    }
    if (perms == PERM_WRITE) {
        refuse_value(r, element, "The hardware cannot do it. Write perms=\"rw\".",
                     "perms must not be 'w', write-only mappings are not allowed");
    }
    map->perms = (uint8_t)perms;
}

#define MAP_ATTRIBUTES(check_address)                                                              \
    {"mr", REQUIRED, VALUE_TEXT, FIELD(struct map, region_name)},                                  \
        {"vaddr", REQUIRED, VALUE_NUMBER, FIELD(struct map, vaddr), .check = check_address},       \
        {"perms",                                                                                  \
         OPTIONAL,                                                                                 \
         VALUE_OTHER,                                                                              \
         FIELD(struct map, perms),                                                                 \
         .preset = PERM_READ | PERM_WRITE,                                                         \
         .read = read_perms},                                                                      \
    {                                                                                              \
        "cached", OPTIONAL, VALUE_BOOL, FIELD(struct map, cached), .preset = true                  \
    }

static const struct attribute pd_map_attributes[] = {
    MAP_ATTRIBUTES(check_pd_vaddr),
    {"setvar_vaddr", OPTIONAL, VALUE_SETVAR, .source = {SETVAR_VALUE, FIELD(struct map, vaddr)}},
    {"setvar_size", OPTIONAL, VALUE_SETVAR,
     .source = {SETVAR_REGION_SIZE, FIELD(struct map, region_name)}},
    {"setvar_prefill_size", OPTIONAL, VALUE_SETVAR,
     .source = {SETVAR_REGION_PREFILL_SIZE, FIELD(struct map, region_name)}},
    {0},
};

static const struct schema pd_map_schema = {
    .size = sizeof(struct map),
    .attributes = pd_map_attributes,
};

static const struct attribute vm_map_attributes[] = {
    MAP_ATTRIBUTES(check_vm_vaddr),
    {0},
};

static const struct schema vm_map_schema = {
    .size = sizeof(struct map),
    .attributes = vm_map_attributes,
};

/* <irq>: three kinds, told apart by an attribute that only the one has */

static const struct choices triggers = {
    (const struct choice[]){{"level", TRIGGER_LEVEL}, {"edge", TRIGGER_EDGE}, {NULL, 0}},
    "trigger must be either 'level' or 'edge'",
};
static const struct choices polarities = {
    (const struct choice[]){{"low", POLARITY_LOW}, {"high", POLARITY_HIGH}, {NULL, 0}},
    "polarity must be either 'low' or 'high'",
};
static const struct range ioapic_number = {0, INT64_MAX, "ioapic must be >= 0", NULL};
static const struct range ioapic_pin = {0, INT64_MAX, "pin must be >= 0", NULL};
static const struct range msi_handle = {0, INT64_MAX, "handle must be >= 0", NULL};
static const struct range irq_number = {0, INT64_MAX, "irq must be >= 0", NULL};

#define IRQ_SHARED                                                                                 \
    {                                                                                              \
        "id", REQUIRED, VALUE_DECIMAL, FIELD(struct irq, id), .range = &channel_id,                \
                                                              .advice = channel_id_advice          \
    }

/* The setvar is made once, by the irq itself: to its kind it is only a name that may be there. */
static void skip_value(struct reader *r, const struct xml_element *element, const char *value,
                       void *object)
{
    (void)r;
    (void)element;
    (void)value;
    (void)object;
}

#define IRQ_SETVAR_SEEN                                                                            \
    {                                                                                              \
        "setvar_id", OPTIONAL, VALUE_OTHER, .read = skip_value                                     \
    }

static const struct attribute conventional_attributes[] = {
    IRQ_SHARED,
    IRQ_SETVAR_SEEN,
    {"irq", REQUIRED, VALUE_DECIMAL, FIELD(struct irq, number), .range = &irq_number},
    {"trigger", OPTIONAL, VALUE_CHOICE, FIELD(struct irq, trigger), .choices = &triggers},
    {0},
};
static const struct schema conventional_schema = {.attributes = conventional_attributes};

static const struct attribute ioapic_attributes[] = {
    IRQ_SHARED,
    IRQ_SETVAR_SEEN,
    {"ioapic", OPTIONAL, VALUE_DECIMAL, FIELD(struct irq, ioapic), .range = &ioapic_number},
    {"pin", REQUIRED, VALUE_DECIMAL, FIELD(struct irq, pin), .range = &ioapic_pin},
    {"trigger", OPTIONAL, VALUE_CHOICE, FIELD(struct irq, trigger), .choices = &triggers},
    {"polarity", OPTIONAL, VALUE_CHOICE, FIELD(struct irq, polarity), .choices = &polarities},
    {"vector", REQUIRED, VALUE_DECIMAL, FIELD(struct irq, number), .range = &irq_vector},
    {0},
};
static const struct schema ioapic_schema = {.attributes = ioapic_attributes};

static void read_pcidev(struct reader *r, const struct xml_element *element, const char *text,
                        void *object)
{
    struct irq *irq = object;
    const char *wrong = read_pci(text, &irq->pci);
    if (wrong != NULL) {
        refuse_value(r, element, pci_advice, "%s", wrong);
    }
}

static const struct attribute msi_attributes[] = {
    IRQ_SHARED,
    IRQ_SETVAR_SEEN,
    {"pcidev", REQUIRED, VALUE_OTHER, .read = read_pcidev},
    {"handle", REQUIRED, VALUE_DECIMAL, FIELD(struct irq, handle), .range = &msi_handle},
    {"vector", REQUIRED, VALUE_DECIMAL, FIELD(struct irq, number), .range = &irq_vector},
    {0},
};
static const struct schema msi_schema = {.attributes = msi_attributes};

static const struct schema *choose_irq_kind(struct reader *r, const struct xml_element *element,
                                            void *object)
{
    struct irq *irq = object;
    if (xml_value(element, "irq") != NULL) {
        if (is_x86(r)) {
            refuse_value(r, element,
                         "Here an irq is a pin of the I/O APIC (pin, vector) or a message from a\n"
                         "PCI device (pcidev, handle, vector).",
                         "ARM and RISC-V IRQs are not supported on x86");
        }
        irq->kind = IRQ_CONVENTIONAL;
        return &conventional_schema;
    }
    if (xml_value(element, "pin") != NULL) {
        if (!is_x86(r)) {
            refuse_value(r, element, "Here an irq is a number: irq=\"...\".",
                         "x86 I/O APIC IRQ isn't supported on ARM and RISC-V");
        }
        irq->kind = IRQ_IOAPIC;
        return &ioapic_schema;
    }
    if (xml_value(element, "pcidev") != NULL) {
        if (!is_x86(r)) {
            refuse_value(r, element, "Here an irq is a number: irq=\"...\".",
                         "x86 MSI IRQ isn't supported on ARM and RISC-V");
        }
        irq->kind = IRQ_MSI;
        return &msi_schema;
    }
    required_value(r, element, is_x86(r) ? "pin" : "irq");
    abort(); /* neither is there, or we were not here */
}

static const struct attribute irq_attributes[] = {
    IRQ_SHARED,
    {"setvar_id", OPTIONAL, VALUE_SETVAR, .source = {SETVAR_VALUE, FIELD(struct irq, id)}},
    {0},
};

static const struct schema irq_schema = {
    .size = sizeof(struct irq),
    .attributes = irq_attributes,
    .open = true,
    .variant = choose_irq_kind,
};

/* <ioport> */

static void begin_ioport(struct reader *r, const struct xml_element *element, void *object)
{
    (void)object;
    if (!is_x86(r)) {
        /* Upstream names the PD here. */
        refuse_value(r, element->parent, "Map the device's registers as a memory region instead.",
                     "I/O Ports are only available on x86");
    }
}

static void check_port_range(struct reader *r, const struct xml_element *element, void *object)
{
    const struct ioport *ioport = object;
    if (ioport->addr > UINT16_MAX || ioport->size > UINT16_MAX + UINT64_C(1) - ioport->addr) {
        refuse_value(r, element, "An x86 machine has ports 0 to 0xffff.",
                     "I/O port range [0x%" PRIx64 ", +%" PRIu64 ") is out of range", ioport->addr,
                     ioport->size);
    }
}

static const struct range ioport_size = {1, INT64_MAX, "size must be > 0", NULL};

static const struct attribute ioport_attributes[] = {
    {"id", REQUIRED, VALUE_DECIMAL, FIELD(struct ioport, id), .range = &channel_id,
     .advice = channel_id_advice},
    {"setvar_id", OPTIONAL, VALUE_SETVAR, .source = {SETVAR_VALUE, FIELD(struct ioport, id)}},
    {"addr", REQUIRED, VALUE_NUMBER, FIELD(struct ioport, addr)},
    {"setvar_addr", OPTIONAL, VALUE_SETVAR, .source = {SETVAR_VALUE, FIELD(struct ioport, addr)}},
    {"size", REQUIRED, VALUE_DECIMAL, FIELD(struct ioport, size), .range = &ioport_size,
     .advice = "It counts ports, each one byte wide.", .check = check_port_range},
    {0},
};

static const struct schema ioport_schema = {
    .size = sizeof(struct ioport),
    .attributes = ioport_attributes,
    .begin = begin_ioport,
};

/* <setvar> */

static void finish_setvar(struct reader *r, const struct xml_element *element, void *object)
{
    (void)object;
    add_setvar(r, element, r->pd,
               (struct setvar){.kind = SETVAR_REGION_PADDR,
                               .symbol = xml_value(element, "symbol"),
                               .region_name = xml_value(element, "region_paddr")});
}

static const struct attribute setvar_attributes[] = {
    {"symbol", REQUIRED, VALUE_OTHER, .read = skip_value},
    {"region_paddr", REQUIRED, VALUE_OTHER, .read = skip_value},
    {0},
};

static const struct schema setvar_schema = {
    .attributes = setvar_attributes,
    .finish = finish_setvar,
};

/* <program_image> */

static void finish_program_image(struct reader *r, const struct xml_element *element, void *object)
{
    (void)r;
    struct protection_domain *pd = object;
    pd->program_image_at = element->at;
}

static const struct attribute program_image_attributes[] = {
    {"path", REQUIRED, VALUE_TEXT, FIELD(struct protection_domain, program_image)},
    {"path_for_symbols", OPTIONAL, VALUE_TEXT,
     FIELD(struct protection_domain, program_image_for_symbols)},
    {0},
};

static const struct schema program_image_schema = {
    .attributes = program_image_attributes,
    .finish = finish_program_image,
};

/* <cspace>: <cap_tcb>, <cap_sc>, <cap_vspace> */

static void check_slot(struct reader *r, const struct xml_element *element, void *object)
{
    const struct user_cap *cap = object;
    if (cap->slot == 0) {
        refuse_value(r, element, "Choose a slot from 1 on.",
                     "The destination slot 0 has been reserved for Microkit CNode");
    }
    if (cap->slot > USER_CAP_SLOT_MAX) {
        refuse_value(r, element, "Choose a slot from 1 to 127.",
                     "There are only %d destination cspace slots available.",
                     USER_CAP_SLOT_MAX + 1);
    }
}

static const struct attribute user_cap_attributes[] = {
    {"pd", REQUIRED, VALUE_TEXT, FIELD(struct user_cap, pd_name)},
    {"slot", REQUIRED, VALUE_NUMBER, FIELD(struct user_cap, slot), .check = check_slot},
    {0},
};

static void set_tcb_kind(struct reader *r, const struct xml_element *element, void *object)
{
    (void)r;
    (void)element;
    ((struct user_cap *)object)->kind = USER_CAP_TCB;
}

static void set_sc_kind(struct reader *r, const struct xml_element *element, void *object)
{
    (void)r;
    (void)element;
    ((struct user_cap *)object)->kind = USER_CAP_SC;
}

static void set_vspace_kind(struct reader *r, const struct xml_element *element, void *object)
{
    (void)r;
    (void)element;
    ((struct user_cap *)object)->kind = USER_CAP_VSPACE;
}

#define USER_CAP_SCHEMA(set_kind)                                                                  \
    {                                                                                              \
        .size = sizeof(struct user_cap), .attributes = user_cap_attributes, .begin = set_kind      \
    }

static const struct schema cap_tcb_schema = USER_CAP_SCHEMA(set_tcb_kind);
static const struct schema cap_sc_schema = USER_CAP_SCHEMA(set_sc_kind);
static const struct schema cap_vspace_schema = USER_CAP_SCHEMA(set_vspace_kind);

static void refuse_cap_kind(struct reader *r, const struct xml_element *element,
                            const struct xml_element *child)
{
    (void)element;
    if (strncmp(child->name, "cap_", 4) == 0) {
        complain(r, child->at, "Cap type: '%s' is not supported at '" AT "'", child->name + 4,
                 AT_OF(r->system, child->at));
    } else {
        complain(r, child->at, "Element '%s' is not supported in a <cspace> element at '" AT "'",
                 child->name, AT_OF(r->system, child->at));
    }
}

#define USER_CAPS ARRAY(struct protection_domain, user_caps, user_cap_count)

static const struct child cspace_children[] = {
    {"cap_tcb", &cap_tcb_schema, USER_CAPS},
    {"cap_sc", &cap_sc_schema, USER_CAPS},
    {"cap_vspace", &cap_vspace_schema, USER_CAPS},
    {0},
};

static const struct attribute no_attributes[] = {{0}};

static const struct schema cspace_schema = {
    .attributes = no_attributes,
    .children = cspace_children,
    .stranger = refuse_cap_kind,
};

/* <virtual_machine>, with <vcpu> */

static void begin_vm(struct reader *r, const struct xml_element *element, void *object)
{
    (void)object;
    if (!r->system->target->hypervisor) {
        /* Upstream names the PD here. */
        refuse_value(r, element->parent,
                     "Remove the <virtual_machine>. This kernel runs protection domains only.",
                     "seL4 has not been built as a hypervisor, virtual machines are disabled");
    }
}

static void *place_vm(struct reader *r, const struct xml_element *element, void *parent)
{
    (void)element;
    struct protection_domain *pd = parent;
    pd->vm = reader_alloc(r, sizeof(*pd->vm));
    return pd->vm;
}

static void check_vm_budget(struct reader *r, const struct xml_element *element, void *object)
{
    struct virtual_machine *vm = object;
    check_budget(r, element, vm->budget_us, &vm->period_us);
}

static void read_vcpu_core(struct reader *r, const struct xml_element *element, const char *text,
                           void *object)
{
    struct vcpu *vcpu = object;
    vcpu->cpu = read_core(r, element, text);
    vcpu->cpu_given = true;
}

static void check_vcpu_id(struct reader *r, const struct xml_element *element, void *object)
{
    const struct vcpu *vcpu = object;
    const struct virtual_machine *vm = r->pd->vm;
    for (const struct vcpu *other = vm->vcpus; other < vcpu; other++) {
        if (other->id == vcpu->id) {
            refuse(r, element->at, "Give each <vcpu> an id of its own.",
                   "Error: duplicate vcpu id %" PRIu64 " in virtual machine '%s' @ " AT, vcpu->id,
                   vm->name, AT_OF(r->system, element->at));
        }
    }
}

static const struct attribute vcpu_attributes[] = {
    {"id", REQUIRED, VALUE_DECIMAL, FIELD(struct vcpu, id), .range = &channel_id,
     .advice = channel_id_advice, .check = check_vcpu_id},
    {"setvar_id", OPTIONAL, VALUE_SETVAR, .source = {SETVAR_VALUE, FIELD(struct vcpu, id)}},
    {"cpu", OPTIONAL, VALUE_OTHER, .read = read_vcpu_core},
    {0},
};

static const struct schema vcpu_schema = {
    .size = sizeof(struct vcpu),
    .attributes = vcpu_attributes,
};

static void refuse_vm_child(struct reader *r, const struct xml_element *element,
                            const struct xml_element *child)
{
    /* Upstream's position is the virtual machine's. */
    complain(r, child->at, "Error: invalid XML element '%s': " AT, child->name,
             AT_OF(r->system, element->at));
}

static void finish_vm(struct reader *r, const struct xml_element *element, void *object)
{
    const struct virtual_machine *vm = object;
    if (vm->vcpu_count == 0) {
        refuse(r, element->at, "Add <vcpu id=\"0\" /> to it.",
               "Error: missing 'vcpu' element on virtual_machine: '%s'", vm->name);
    }
}

static const struct range vm_priority = {0, PD_PRIORITY_MAX, NULL,
                                         "priority must be between 0 and 254"};

static const struct attribute vm_attributes[] = {
    {"name", REQUIRED, VALUE_TEXT, FIELD(struct virtual_machine, name)},
    {"budget", OPTIONAL, VALUE_NUMBER, FIELD(struct virtual_machine, budget_us), .preset = 1000,
     .applies = is_arm},
    {"period", OPTIONAL, VALUE_NUMBER, FIELD(struct virtual_machine, period_us), .applies = is_arm,
     .check = check_vm_budget},
    {"priority", OPTIONAL, VALUE_NUMBER, FIELD(struct virtual_machine, priority),
     .range = &vm_priority, .applies = is_arm},
    {0},
};

static const struct child vm_children[] = {
    {"vcpu", &vcpu_schema, ARRAY(struct virtual_machine, vcpus, vcpu_count)},
    {"map", &vm_map_schema, ARRAY(struct virtual_machine, maps, map_count)},
    {0},
};

static const struct schema vm_schema = {
    .size = sizeof(struct virtual_machine),
    .attributes = vm_attributes,
    .children = vm_children,
    .begin = begin_vm,
    .stranger = refuse_vm_child,
    .finish = finish_vm,
};

/* <protection_domain>, in <system> and in another */

static bool has_parent(const struct reader *r, const void *object)
{
    (void)r;
    return ((const struct protection_domain *)object)->parent != NULL;
}

static void *place_pd(struct reader *r, const struct xml_element *element, void *parent)
{
    (void)element;
    (void)parent;
    struct protection_domain *pd = &r->system->pds[r->system->pd_count++];
    pd->parent = r->pd;
    if (r->pd != NULL) {
        r->pd->child_count++;
    }
    return pd;
}

static void begin_pd(struct reader *r, const struct xml_element *element, void *object)
{
    (void)element;
    r->pd = object;
}

static void check_pd_budget(struct reader *r, const struct xml_element *element, void *object)
{
    struct protection_domain *pd = object;
    check_budget(r, element, pd->budget_us, &pd->period_us);
}

static void check_smc(struct reader *r, const struct xml_element *element, void *object)
{
    const struct protection_domain *pd = object;
    if (pd->smc && r->system->target->smc == SMC_OFF) {
        refuse_value(r, element, "Remove smc=\"true\".",
                     "Using SMC support without ARM SMC forwarding support enabled in the kernel "
                     "for this platform");
    }
    if (pd->smc && r->system->target->smc == SMC_NONE) {
        refuse(r, element->at, "Secure monitor calls are an Arm feature. Remove smc=\"true\".",
               "ARM SMC forwarding support is not available for this architecture");
    }
}

static void read_pd_core(struct reader *r, const struct xml_element *element, const char *text,
                         void *object)
{
    struct protection_domain *pd = object;
    pd->cpu = read_core(r, element, text);
}

static void read_pd_domain(struct reader *r, const struct xml_element *element, const char *name,
                           void *object)
{
    struct protection_domain *pd = object;
    if (r->system->schedule.domain_count == 0) {
        refuse_value(
            r, element, "Put a <domains> element before this one, or remove the attribute.",
            "Specifying a domain '%s' without declaring a domain schedule is not allowed:", name);
    }
    const struct domain *domain = names_find(&r->domain_names, name);
    if (domain == NULL) {
        refuse_value(r, element, "Add a <domain> with that name there.",
                     "domain '%s' not declared in <domains>:", name);
    }
    pd->domain = domain->id;
}

static void check_pd_domain(struct reader *r, const struct xml_element *element, void *object)
{
    const struct protection_domain *pd = object;
    if (r->system->schedule.domain_count > 0) {
        required_value(r, element, "domain");
    }
    if (pd->stack_size < PD_STACK_SIZE_MIN || pd->stack_size > PD_STACK_SIZE_MAX) {
        refuse_value(r, element, "It is 0x2000 (8 KiB) unless given.",
                     "stack size must be between 0x%" PRIx64 " bytes and 0x%" PRIx64 " bytes",
                     PD_STACK_SIZE_MIN, PD_STACK_SIZE_MAX);
    }
    if (pd->stack_size % PAGE_SMALL != 0) {
        refuse_value(r, element, "Round it up to a multiple of 0x1000.",
                     "stack size must be aligned to the smallest page size, %" PRIu64 " bytes",
                     PAGE_SMALL);
    }
}

static void refuse_pd_child(struct reader *r, const struct xml_element *element,
                            const struct xml_element *child)
{
    (void)element;
    complain(r, child->at, "Invalid XML element '%s': " AT, child->name,
             AT_OF(r->system, child->at));
}

static void finish_pd(struct reader *r, const struct xml_element *element, void *object)
{
    struct protection_domain *pd = object;
    if (pd->program_image == NULL) {
        refuse(r, element->at, "Add <program_image path=\"NAME.elf\" /> to it.",
               "Error: missing 'program_image' element on protection_domain: '%s'", pd->name);
    }
    r->pd = pd->parent;
    const char *symbol = xml_value(element, "setvar_id");
    if (symbol != NULL) {
        assert(pd->parent != NULL);
        add_setvar(r, element, pd->parent,
                   (struct setvar){.kind = SETVAR_VALUE, .symbol = symbol, .value = pd->id});
    }
}

static const struct range pd_priority = {0, PD_PRIORITY_MAX, NULL,
                                         "priority must be between 0 and 254"};

static const struct attribute pd_attributes[] = {
    {"name", REQUIRED, VALUE_TEXT, FIELD(struct protection_domain, name)},
    {"id", REQUIRED, VALUE_NUMBER, FIELD(struct protection_domain, id), .applies = has_parent},
    {"setvar_id", OPTIONAL, VALUE_OTHER, .read = skip_value, .applies = has_parent},
    {"budget", OPTIONAL, VALUE_NUMBER, FIELD(struct protection_domain, budget_us), .preset = 1000},
    {"period", OPTIONAL, VALUE_NUMBER, FIELD(struct protection_domain, period_us),
     .check = check_pd_budget},
    {"passive", OPTIONAL, VALUE_BOOL, FIELD(struct protection_domain, passive)},
    {"stack_size", OPTIONAL, VALUE_NUMBER, FIELD(struct protection_domain, stack_size),
     .preset = 0x2000},
    {"smc", OPTIONAL, VALUE_BOOL, FIELD(struct protection_domain, smc), .check = check_smc},
    {"cpu", OPTIONAL, VALUE_OTHER, .read = read_pd_core},
    {"domain", OPTIONAL, VALUE_OTHER, .read = read_pd_domain, .check = check_pd_domain},
    {"priority", OPTIONAL, VALUE_NUMBER, FIELD(struct protection_domain, priority),
     .range = &pd_priority, .advice = "255 is the monitor's. It is 0, the lowest, unless given."},
    {"fpu", OPTIONAL, VALUE_BOOL, FIELD(struct protection_domain, fpu), .preset = true},
    {0},
};

static const struct schema pd_schema;

static const struct child pd_children[] = {
    {"program_image", &program_image_schema, .once = "program_image must only be specified once",
     .once_on = BLAME_PARENT},
    {"map", &pd_map_schema, ARRAY(struct protection_domain, maps, map_count)},
    {"irq", &irq_schema, ARRAY(struct protection_domain, irqs, irq_count)},
    {"ioport", &ioport_schema, ARRAY(struct protection_domain, ioports, ioport_count)},
    {"setvar", .schema = &setvar_schema},
    {"protection_domain", &pd_schema, .place = place_pd},
    {"virtual_machine", &vm_schema, .place = place_vm,
     .once = "virtual_machine must only be specified once", .once_on = BLAME_PARENT},
    {"cspace", &cspace_schema, .once = "cspace must only be specified once",
     .once_on = BLAME_PARENT},
    {0},
};

static const struct schema pd_schema = {
    .size = sizeof(struct protection_domain),
    .attributes = pd_attributes,
    .children = pd_children,
    .begin = begin_pd,
    .stranger = refuse_pd_child,
    .finish = finish_pd,
};

/* <channel>, with two <end> */

static void *place_channel_end(struct reader *r, const struct xml_element *element, void *parent)
{
    (void)element;
    struct channel *channel = parent;
    size_t i = r->end_count++;
    return i < 2 ? &channel->ends[i] : &r->surplus_end;
}

static void check_end_pd(struct reader *r, const struct xml_element *element, void *object)
{
    struct channel_end *end = object;
    end->pd = names_find(&r->pd_names, end->pd_name);
    if (end->pd == NULL) {
        const char *nearest = names_nearest(&r->pd_names, end->pd_name);
        complain_value(r, element, "invalid PD name '%s'", end->pd_name);
        if (nearest != NULL) {
            diagnostic_advise(r->found, "Did you mean '%s'?", nearest);
        } else {
            diagnostic_advise(r->found, "No <protection_domain> has that name.");
        }
        give_up(r);
    }
}

static const struct attribute end_attributes[] = {
    {"pd", REQUIRED, VALUE_TEXT, FIELD(struct channel_end, pd_name)},
    {"id", REQUIRED, VALUE_DECIMAL, FIELD(struct channel_end, id), .range = &channel_id,
     .advice = channel_id_advice},
    {"notify", OPTIONAL, VALUE_BOOL, FIELD(struct channel_end, notify), .preset = true},
    {"pp", OPTIONAL, VALUE_BOOL, FIELD(struct channel_end, pp), .check = check_end_pd},
    {"setvar_id", OPTIONAL, VALUE_OTHER, .read = skip_value},
    {0},
};

static const struct schema end_schema = {
    .size = sizeof(struct channel_end),
    .attributes = end_attributes,
};

static void begin_channel(struct reader *r, const struct xml_element *element, void *object)
{
    (void)element;
    (void)object;
    r->end_count = 0;
}

static void finish_channel(struct reader *r, const struct xml_element *element, void *object)
{
    const struct channel *channel = object;
    if (r->end_count != 2) {
        refuse_value(r, element,
                     "A channel connects two PDs: one <end pd=\"...\" id=\"...\" /> each.",
                     "exactly two end elements must be specified");
    }
    if (channel->ends[0].pp && channel->ends[1].pp) {
        refuse_value(r, element,
                     "If each could wait for the other, both might for ever. Let one end have pp,\n"
                     "and the other notify.",
                     "cannot ppc bidirectionally");
    }
    const struct xml_element *child = element->first_child;
    for (size_t i = 0; i < 2; i++, child = child->next) {
        const char *symbol = xml_value(child, "setvar_id");
        if (symbol != NULL) {
            add_setvar(r, element, channel->ends[i].pd,
                       (struct setvar){
                           .kind = SETVAR_VALUE, .symbol = symbol, .value = channel->ends[i].id});
        }
    }
}

static const struct child channel_children[] = {
    {"end", &end_schema, .place = place_channel_end},
    {0},
};

static const struct schema channel_schema = {
    .size = sizeof(struct channel),
    .attributes = no_attributes,
    .children = channel_children,
    .begin = begin_channel,
    .finish = finish_channel,
};

/* <io_address_space>, with <iomap> */

static void check_iovaddr(struct reader *r, const struct xml_element *element, void *object)
{
    const struct iomap *iomap = object;
    if (iomap->iovaddr >= IO_ADDRESS_SPACE_END) {
        refuse_value(r, element, "A device's address space has 39 bits.",
                     "iovaddr (0x%" PRIx64 ") must be less than 0x%" PRIx64, iomap->iovaddr,
                     IO_ADDRESS_SPACE_END);
    }
}

static void read_iomap_perms(struct reader *r, const struct xml_element *element, const char *text,
                             void *object)
{
    struct iomap *iomap = object;
    int perms = read_perm_letters(text, "rw");
    if (perms <= 0) {
        refuse_value(r, element, "Write \"r\", \"w\" or \"rw\".",
                     "perms for io mapped memory must only be a combination of 'r' and 'w'");
    }
    iomap->perms = (uint8_t)perms;
}

static const struct attribute iomap_attributes[] = {
    {"mr", REQUIRED, VALUE_TEXT, FIELD(struct iomap, region_name)},
    {"iovaddr", REQUIRED, VALUE_NUMBER, FIELD(struct iomap, iovaddr), .check = check_iovaddr},
    {"perms", OPTIONAL, VALUE_OTHER, FIELD(struct iomap, perms), .preset = PERM_READ | PERM_WRITE,
     .read = read_iomap_perms},
    {0},
};

static const struct schema iomap_schema = {
    .size = sizeof(struct iomap),
    .attributes = iomap_attributes,
};

static void begin_io_space(struct reader *r, const struct xml_element *element, void *object)
{
    (void)object;
    if (!r->system->target->iommu) {
        refuse(r, element->at, "Remove the element: this kernel cannot confine devices.",
               "Error: io address space requires seL4 to be built with IOMMU support: " AT,
               AT_OF(r->system, element->at));
    }
}

static void check_io_space_name(struct reader *r, const struct xml_element *element, void *object)
{
    const struct io_address_space *space = object;
    for (const struct io_address_space *o = r->system->io_address_spaces; o < space; o++) {
        if (strcmp(o->name, space->name) == 0) {
            refuse_value(r, element, "Rename one of them.", "duplicate device name '%s'",
                         space->name);
        }
    }
}

static void check_io_space_domain(struct reader *r, const struct xml_element *element, void *object)
{
    const struct io_address_space *space = object;
    for (const struct io_address_space *o = r->system->io_address_spaces; o < space; o++) {
        if (o->domain_id == space->domain_id) {
            refuse_value(r, element,
                         "The hardware caches translations by domain id. Give each device its own.",
                         "reusing a domain id is forbidden");
        }
    }
}

static void read_peripheral(struct reader *r, const struct xml_element *element, const char *text,
                            void *object)
{
    struct io_address_space *space = object;
    const char *wrong = is_x86(r) ? read_pci(text, &space->device)
                                  : "IOMMU device identifiers are not supported on AArch64";
    if (wrong != NULL) {
        refuse_value(r, element, is_x86(r) ? pci_advice : NULL,
                     "failed to parse device peripheral_id '%s': %s", text, wrong);
    }
    for (const struct io_address_space *o = r->system->io_address_spaces; o < space; o++) {
        if (memcmp(&o->device, &space->device, sizeof(o->device)) == 0) {
            refuse_value(r, element, "Put all of a device's <iomap> into one element.",
                         "duplicate device peripheral_id 'PCI device %02x:%02x.%x'",
                         space->device.bus, space->device.device, space->device.function);
        }
    }
}

static const struct attribute io_space_attributes[] = {
    {"name", REQUIRED, VALUE_TEXT, FIELD(struct io_address_space, name),
     .check = check_io_space_name},
    {"domain_id", REQUIRED, VALUE_NUMBER, FIELD(struct io_address_space, domain_id),
     .check = check_io_space_domain},
    {"peripheral_id", REQUIRED, VALUE_OTHER, .read = read_peripheral},
    {0},
};

static const struct child io_space_children[] = {
    {"iomap", &iomap_schema, ARRAY(struct io_address_space, iomaps, iomap_count)},
    {0},
};

static const struct schema io_space_schema = {
    .size = sizeof(struct io_address_space),
    .attributes = io_space_attributes,
    .children = io_space_children,
    .begin = begin_io_space,
};

/* <domains>: <domain> each, then the <domain_schedule> with its entries */

static const struct domain *find_domain_id(const struct domain_schedule *schedule, uint8_t id)
{
    for (size_t i = 0; i < schedule->domain_count; i++) {
        if (schedule->domains[i].id_given && schedule->domains[i].id == id) {
            return &schedule->domains[i];
        }
    }
    return NULL;
}

static void read_domain_id(struct reader *r, const struct xml_element *element, const char *text,
                           void *object)
{
    struct domain *domain = object;
    uint64_t id = read_number(r, element, text);
    if (id >= r->system->target->domains_max) {
        refuse_value(r, element, "Without the attribute it gets the lowest id that is free.",
                     "domain id %" PRIu64
                     " should be less than the configured KernelNumDomains value of %u",
                     id, r->system->target->domains_max);
    }
    domain->id = (uint8_t)id;
}

/* Runs before `domain` counts as having an id: it is not to be found as its own double. */
static void check_domain(struct reader *r, const struct xml_element *element, void *object)
{
    static const char advice[] = "Give each <domain> a name and an id of its own.";
    struct domain *domain = object;
    const struct domain *same = names_find(&r->domain_names, domain->name);
    if (same != NULL) {
        char id[16] = "None";
        if (same->id_given) {
            snprintf(id, sizeof(id), "Some(%u)", same->id);
        }
        refuse_value(r, element, advice,
                     "Each <domain>'s name element must be unique found existing domain '%s' "
                     "with id '%s'",
                     domain->name, id);
    }
    reader_name(r, &r->domain_names, domain->name, domain);
    if (xml_value(element, "id") == NULL) {
        return;
    }
    same = find_domain_id(&r->system->schedule, domain->id);
    if (same != NULL) {
        refuse_value(r, element, advice,
                     "Each <domain>'s id element must be unique found existing domain '%s' with "
                     "id '%u'",
                     same->name, domain->id);
    }
    domain->id_given = true;
}

static const struct attribute domain_attributes[] = {
    {"name", REQUIRED, VALUE_TEXT, FIELD(struct domain, name)},
    {"id", OPTIONAL, VALUE_OTHER, .read = read_domain_id, .check = check_domain},
    {0},
};

static const struct schema domain_schema = {
    .size = sizeof(struct domain),
    .attributes = domain_attributes,
};

static void read_duration(struct reader *r, const struct xml_element *element, const char *text,
                          void *object)
{
    static const char advice[] =
        "For example duration=\"1000 us\", or in ticks of the kernel's timer.";
    struct schedule_entry *entry = object;
    const char *name = xml_value(element, "domain");
    const struct domain *domain = names_find(&r->domain_names, name);
    if (domain == NULL) {
        refuse_value(r, element, "Add a <domain> with that name to <domains>.",
                     "domain '%s' does not exist,", name);
    }
    entry->domain = domain->id;

    const char *blank = strchr(text, ' ');
    if (blank == NULL) {
        refuse_value(r, element, advice,
                     "The duration '%s' must contain a value and a unit, e.g. '1000 us'", text);
    }
    char *number = reader_alloc(r, (size_t)(blank - text) + 1);
    memcpy(number, text, (size_t)(blank - text));
    entry->duration = read_number(r, element, number);
    if (entry->duration == 0) {
        refuse_value(r, element, advice, "The duration '%s' must be non-zero", text);
    }
    if (strcmp(blank + 1, "us") == 0) {
        entry->unit = SCHEDULE_US;
    } else if (strcmp(blank + 1, "ticks") == 0) {
        entry->unit = SCHEDULE_TICKS;
    } else {
        refuse_value(r, element, advice, "The duration '%s' must be in either 'ticks' or 'us'",
                     text);
    }
}

static const struct attribute schedule_entry_attributes[] = {
    {"domain", REQUIRED, VALUE_OTHER, .read = skip_value},
    {"duration", REQUIRED, VALUE_OTHER, .read = read_duration},
    {0},
};

static const struct schema schedule_entry_schema = {
    .size = sizeof(struct schedule_entry),
    .attributes = schedule_entry_attributes,
};

static void begin_end_marker(struct reader *r, const struct xml_element *element, void *object)
{
    (void)r;
    (void)element;
    ((struct schedule_entry *)object)->unit = SCHEDULE_END;
}

static const struct schema schedule_end_schema = {
    .size = sizeof(struct schedule_entry),
    .attributes = no_attributes,
    .begin = begin_end_marker,
};

static void refuse_schedule_child(struct reader *r, const struct xml_element *element,
                                  const struct xml_element *child)
{
    complain(r, child->at, "Error: invalid XML element as child of <%s> '%s': " AT, element->name,
             child->name, AT_OF(r->system, child->at));
}

static void finish_schedule(struct reader *r, const struct xml_element *element, void *object)
{
    const struct domain_schedule *schedule = object;
    uint64_t entries_max = r->system->target->domain_schedule_max;
    if (schedule->entry_count >= entries_max) {
        refuse(r, element->at, "The last one is the kernel's. Remove some.",
               "More than configured KernelNumDomainSchedules %" PRIu64
               " number of <schedule_entry> elements found",
               entries_max);
    }
    if (schedule->start_index >= schedule->entry_count) {
        refuse_value(r, element, "Entries count from 0.",
                     "schedule_start_index '%" PRIu64
                     "' is greater than the length of the schedule '%zu'",
                     schedule->start_index, schedule->entry_count);
    }
    bool shift_given = xml_value(element, "index_shift") != NULL;
    if (shift_given && schedule->index_shift >= entries_max - schedule->entry_count) {
        /* Upstream prints the start index here. */
        refuse_value(r, element, "Make index_shift smaller, or the schedule shorter.",
                     "schedule_index_shift '%" PRIu64
                     "' on top of the schedule length '%zu' would exceed than the configured "
                     "KernelNumDomainSchedules %" PRIu64,
                     schedule->start_index, schedule->entry_count, entries_max);
    }
}

static const struct attribute schedule_attributes[] = {
    {"start_index", OPTIONAL, VALUE_NUMBER, FIELD(struct domain_schedule, start_index)},
    {"index_shift", OPTIONAL, VALUE_NUMBER, FIELD(struct domain_schedule, index_shift)},
    {0},
};

#define SCHEDULE_ENTRIES ARRAY(struct domain_schedule, entries, entry_count)

static const struct child schedule_children[] = {
    {"schedule_entry", &schedule_entry_schema, SCHEDULE_ENTRIES},
    {"schedule_end_marker", &schedule_end_schema, SCHEDULE_ENTRIES},
    {0},
};

static const struct schema schedule_schema = {
    .attributes = schedule_attributes,
    .children = schedule_children,
    .stranger = refuse_schedule_child,
    .finish = finish_schedule,
};

static void *place_domains(struct reader *r, const struct xml_element *element, void *parent)
{
    struct domain_schedule *schedule = &((struct system *)parent)->schedule;
    size_t count = 0;
    for (const struct xml_element *child = element->first_child; child; child = child->next) {
        count += strcmp(child->name, "domain") == 0;
    }
    schedule->domains = reader_alloc(r, count * sizeof(struct domain));
    return schedule;
}

static void *place_domain(struct reader *r, const struct xml_element *element, void *parent)
{
    (void)r;
    (void)element;
    struct domain_schedule *schedule = parent;
    return &schedule->domains[schedule->domain_count++];
}

static void begin_domains(struct reader *r, const struct xml_element *element, void *object)
{
    (void)object;
    if (r->system->target->cores != 1) {
        refuse(r, element->at, "Remove <domains>, or build for a kernel with one core.",
               "Error: The domain scheduler is not supported in multicore builds of seL4");
    }
}

static void assign_domain_ids(struct reader *r, const struct xml_element *element,
                              struct domain_schedule *schedule)
{
    unsigned next = 0;
    for (size_t i = 0; i < schedule->domain_count; i++) {
        struct domain *domain = &schedule->domains[i];
        if (domain->id_given) {
            continue;
        }
        while (next < r->system->target->domains_max &&
               find_domain_id(schedule, (uint8_t)next) != NULL) {
            next++;
        }
        if (next == r->system->target->domains_max) {
            refuse_value(r, element, "Remove some, and let PDs share a domain.",
                         "Number of domains exceeds %u", r->system->target->domains_max);
        }
        domain->id = (uint8_t)next;
        domain->id_given = true;
    }
}

static void check_domains(struct reader *r, const struct xml_element *element, void *object)
{
    const struct xml_element *child = element->first_child;
    while (child != NULL && strcmp(child->name, "domain_schedule") != 0) {
        child = child->next;
    }
    if (child == NULL) {
        refuse_value(r, element, "It says in which order, and for how long, the domains run.",
                     "The <domain_schedule> element must appear once");
    }
    assign_domain_ids(r, element, object);
}

static const struct child domains_children[] = {
    {"domain", &domain_schema, .place = place_domain},
    {"domain_schedule", &schedule_schema, .late = true,
     .once = "The <domain_schedule> element can only appear once", .once_on = BLAME_CHILD},
    {0},
};

static const struct schema domains_schema = {
    .size = sizeof(struct domain_schedule),
    .attributes = no_attributes,
    .children = domains_children,
    .begin = begin_domains,
    .stranger = refuse_schedule_child,
    .halfway = check_domains,
};

/* <system> */

static size_t count_pds(const struct xml_element *element)
{
    size_t count = 0;
    for (const struct xml_element *child = element->first_child; child; child = child->next) {
        if (strcmp(child->name, "protection_domain") == 0) {
            count += 1 + count_pds(child);
        }
    }
    return count;
}

/* All at once, as PDs are referred to while others are read. */
static void begin_system(struct reader *r, const struct xml_element *element, void *object)
{
    struct system *system = object;
    size_t count = count_pds(element);
    if (count > 0) {
        system->pds = reader_alloc(r, count * sizeof(*system->pds));
        r->symbols = reader_alloc(r, count * sizeof(*r->symbols));
    }
}

static void check_child_ids(struct reader *r, const struct protection_domain *parent)
{
    const struct system *system = r->system;
    const struct protection_domain *end = system->pds + system->pd_count;
    uint64_t seen = 0;
    for (const struct protection_domain *pd = parent + 1; pd < end; pd++) {
        if (pd->parent != parent) {
            continue;
        }
        if (pd->id > CHILD_ID_MAX) {
            refuse(r, pd->at,
                   "The cap to a child's TCB has its place in the parent's CSpace by id.",
                   "Error: id must be < %d on element 'protection_domain': " AT, CHILD_ID_MAX + 1,
                   AT_OF(system, pd->at));
        }
        if (seen & UINT64_C(1) << pd->id) {
            refuse(r, pd->at, "Each child of a PD needs an id of its own.",
                   "Error: duplicate id: %" PRIu64 " in protection domain: '%s' @ " AT, pd->id,
                   parent->name, AT_OF(system, pd->at));
        }
        for (size_t i = 0; parent->vm != NULL && i < parent->vm->vcpu_count; i++) {
            if (parent->vm->vcpus[i].id == pd->id) {
                refuse(r, pd->at, "Children and vCPUs share their ids.",
                       "Error: duplicate id: %" PRIu64 " clashes with virtual machine vcpu id in "
                       "protection domain: '%s' @ " AT,
                       pd->id, parent->name, AT_OF(system, pd->at));
            }
        }
        seen |= UINT64_C(1) << pd->id;
    }
}

static void finish_pds(struct reader *r, const struct xml_element *element, void *object)
{
    (void)element;
    struct system *system = object;
    for (size_t i = 0; i < system->pd_count; i++) {
        if (system->pds[i].child_count > 0) {
            check_child_ids(r, &system->pds[i]);
        }
        reader_name(r, &r->pd_names, system->pds[i].name, &system->pds[i]);
    }
}

static void refuse_lone_vm(struct reader *r, const struct xml_element *element, void *object)
{
    (void)object;
    refuse(r, element->at, "Move it into the PD that is to be its monitor.",
           "Error: virtual machine must be a child of a protection domain: " AT,
           AT_OF(r->system, element->at));
}

static const struct schema lone_vm_schema = {
    .attributes = no_attributes,
    .begin = refuse_lone_vm,
};

static const struct child system_children[] = {
    {"protection_domain", &pd_schema, .place = place_pd},
    {"memory_region", &region_schema, ARRAY(struct system, regions, region_count)},
    {"channel", &channel_schema, ARRAY(struct system, channels, channel_count), .late = true},
    {"io_address_space", &io_space_schema,
     ARRAY(struct system, io_address_spaces, io_address_space_count)},
    {"domains", &domains_schema, .place = place_domains,
     .once = "domains must only be specified once", .once_on = BLAME_CHILD},
    {"virtual_machine", .schema = &lone_vm_schema},
    {0},
};

const struct schema system_schema = {
    .attributes = no_attributes,
    .children = system_children,
    .begin = begin_system,
    .halfway = finish_pds,
};
