/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* capDL as JSON, laid out as serde_json's pretty printer does: two spaces a level, `[]` if empty. */
#include "microkit/capdl/capdl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/bootinfo.h"
#include "microkit/capdl/words.h"
#include "microkit/spec.h"

struct writer {
    FILE *out;
    unsigned depth;
    bool empty; /* nothing has been written yet at this level */
};

static void indent(struct writer *writer)
{
    fprintf(writer->out, "\n%*s", (int)(2 * writer->depth), "");
}

/* Start an element of an array, or a member if it has a name. */
static void next(struct writer *writer, const char *name)
{
    if (writer->depth > 0) {
        if (!writer->empty) {
            fputc(',', writer->out);
        }
        indent(writer);
    }
    writer->empty = false;
    if (name != NULL) {
        fprintf(writer->out, "\"%s\": ", name);
    }
}

static void begin(struct writer *writer, const char *name, char bracket)
{
    next(writer, name);
    fputc(bracket, writer->out);
    writer->depth++;
    writer->empty = true;
}

static void end(struct writer *writer, char bracket)
{
    writer->depth--;
    if (!writer->empty) {
        indent(writer);
    }
    writer->empty = false;
    fputc(bracket, writer->out);
}

static void put_number(struct writer *writer, const char *name, uint64_t value)
{
    next(writer, name);
    fprintf(writer->out, "%" PRIu64, value);
}

static void put_bool(struct writer *writer, const char *name, bool value)
{
    next(writer, name);
    fputs(value ? "true" : "false", writer->out);
}

static void put_null(struct writer *writer, const char *name)
{
    next(writer, name);
    fputs("null", writer->out);
}

static void put_optional(struct writer *writer, const char *name, bool given, uint64_t value)
{
    if (given) {
        put_number(writer, name, value);
    } else {
        put_null(writer, name);
    }
}

static void put_string(struct writer *writer, const char *name, const char *text)
{
    static const char *const escapes[0x20] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r",
    };
    next(writer, name);
    fputc('"', writer->out);
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\') {
            fprintf(writer->out, "\\%c", c);
        } else if (c >= 0x20) {
            fputc(c, writer->out);
        } else if (escapes[c] != NULL) {
            fputs(escapes[c], writer->out);
        } else {
            fprintf(writer->out, "\\u%04x", c);
        }
    }
    fputc('"', writer->out);
}

static void put_range(struct writer *writer, const char *name, uint64_t start, uint64_t end_)
{
    begin(writer, name, '{');
    put_number(writer, "start", start);
    put_number(writer, "end", end_);
    end(writer, '}');
}

static void put_rights(struct writer *writer, uint8_t rights)
{
    begin(writer, "rights", '{');
    put_bool(writer, "read", rights & SPEC_READ);
    put_bool(writer, "write", rights & SPEC_WRITE);
    put_bool(writer, "grant", rights & SPEC_GRANT);
    put_bool(writer, "grant_reply", rights & SPEC_GRANT_REPLY);
    end(writer, '}');
}

static void put_cap(struct writer *writer, const struct capdl_cap *cap)
{
    begin(writer, NULL, '{');
    put_number(writer, "slot", cap->slot);
    begin(writer, "cap", '{');
    begin(writer, capdl_words[cap->type].cap, '{');
    put_number(writer, "object", cap->object);
    switch (cap->type) {
    case CAPDL_ENDPOINT:
    case CAPDL_NOTIFICATION:
        put_number(writer, "badge", cap->badge);
        put_rights(writer, cap->rights);
        break;
    case CAPDL_CNODE:
        put_number(writer, "guard", cap->badge);
        put_number(writer, "guard_size", cap->guard_size);
        break;
    case CAPDL_FRAME:
        put_rights(writer, cap->rights);
        put_bool(writer, "cached", cap->cached);
        put_bool(writer, "executable", cap->executable);
        break;
    default:
        break;
    }
    end(writer, '}');
    end(writer, '}');
    end(writer, '}');
}

static void put_caps(struct writer *writer, const struct capdl_object *object)
{
    begin(writer, "slots", '[');
    for (size_t i = 0; i < capdl_cap_count(object); i++) {
        put_cap(writer, &capdl_caps(object)[i]);
    }
    end(writer, ']');
}

static void put_elf_content(struct writer *writer, const struct capdl_fill *fill)
{
    begin(writer, "ElfContent", '{');
    put_number(writer, "elf_id", fill->elf);
    put_number(writer, "elf_seg_idx", fill->segment);
    put_range(writer, "elf_seg_data_range", fill->offset, fill->offset + (fill->end - fill->start));
    end(writer, '}');
}

static void put_bytes_content(struct writer *writer, const struct capdl_fill *fill)
{
    begin(writer, "BytesContent", '{');
    begin(writer, "bytes", '[');
    for (uint64_t i = 0; i < fill->end - fill->start; i++) {
        put_number(writer, NULL, fill->bytes[i]);
    }
    end(writer, ']');
    end(writer, '}');
}

static void put_fill(struct writer *writer, const struct capdl_fill *fill)
{
    begin(writer, NULL, '{');
    put_range(writer, "range", fill->start, fill->end);
    begin(writer, "content", '{');
    if (fill->kind == CAPDL_FILL_BOOTINFO) {
        begin(writer, "BootInfo", '{');
        put_string(writer, "id", capdl_bootinfo_word(fill->bootinfo_id));
        put_number(writer, "offset", fill->offset);
    } else {
        begin(writer, "Data", '{');
        if (fill->kind == CAPDL_FILL_ELF) {
            put_elf_content(writer, fill);
        } else {
            put_bytes_content(writer, fill);
        }
    }
    end(writer, '}');
    end(writer, '}');
    end(writer, '}');
}

static void put_frame(struct writer *writer, const struct capdl_object *frame)
{
    put_number(writer, "size_bits", frame->size_bits);
    put_optional(writer, "paddr", frame->paddr_given, frame->paddr);
    begin(writer, "init", '{');
    begin(writer, "entries", '[');
    for (size_t i = 0; i < frame->fill_count; i++) {
        put_fill(writer, &frame->fills[i]);
    }
    end(writer, ']');
    end(writer, '}');
}

static void put_tcb(struct writer *writer, const struct capdl_object *tcb)
{
    put_caps(writer, tcb);
    begin(writer, "extra", '{');
    put_number(writer, "ipc_buffer_addr", tcb->ipc_buffer);
    put_number(writer, "affinity", tcb->affinity);
    put_number(writer, "prio", tcb->priority);
    put_number(writer, "max_prio", tcb->mcp);
    put_bool(writer, "fpu_disabled", tcb->fpu_disabled);
    put_bool(writer, "resume", tcb->resume);
    put_optional(writer, "domain", tcb->domain_given, tcb->domain);
    put_number(writer, "ip", tcb->ip);
    put_number(writer, "sp", tcb->sp);
    begin(writer, "gprs", '[');
    end(writer, ']');
    put_null(writer, "master_fault_ep");
    end(writer, '}');
}

static void put_irq(struct writer *writer, const struct capdl_object *irq)
{
    const char *const *names =
        irq->type == CAPDL_IRQ_MSI ? capdl_msi_members : capdl_ioapic_members;
    put_caps(writer, irq);
    begin(writer, "extra", '{');
    for (int i = 0; i < 4; i++) {
        put_number(writer, names[i], irq->args[i]);
    }
    end(writer, '}');
}

static void put_details(struct writer *writer, const struct capdl_object *object)
{
    switch (object->type) {
    case CAPDL_CNODE:
        put_number(writer, "size_bits", object->size_bits);
        put_caps(writer, object);
        break;
    case CAPDL_TCB:
        put_tcb(writer, object);
        break;
    case CAPDL_FRAME:
        put_frame(writer, object);
        break;
    case CAPDL_PAGE_TABLE:
        put_bool(writer, "x86_ept", false);
        put_bool(writer, "is_root", object->is_root);
        put_number(writer, "level", object->level);
        put_caps(writer, object);
        break;
    case CAPDL_IRQ_MSI:
    case CAPDL_IRQ_IOAPIC:
        put_irq(writer, object);
        break;
    case CAPDL_IOPORTS:
        put_number(writer, "start_port", object->first_port);
        put_number(writer, "end_port", object->last_port);
        break;
    case CAPDL_SCHED_CONTEXT:
        put_number(writer, "size_bits", object->size_bits);
        begin(writer, "extra", '{');
        put_number(writer, "period", object->period_us);
        put_number(writer, "budget", object->budget_us);
        put_number(writer, "badge", object->badge);
        end(writer, '}');
        break;
    default:
        break;
    }
}

static void put_object(struct writer *writer, const struct capdl_object *object)
{
    const struct capdl_word *word = &capdl_words[object->type];
    begin(writer, NULL, '{');
    put_string(writer, "name", object->name);
    if (word->plain) {
        put_string(writer, "object", word->object);
    } else {
        begin(writer, "object", '{');
        begin(writer, word->object, '{');
        put_details(writer, object);
        end(writer, '}');
        end(writer, '}');
    }
    end(writer, '}');
}

static void put_irqs(struct writer *writer, const struct capdl *capdl)
{
    const struct capdl_irq *irqs = (const void *)capdl->irqs.data;
    begin(writer, "irqs", '[');
    for (size_t i = 0; i < capdl->irqs.size / sizeof *irqs; i++) {
        begin(writer, NULL, '{');
        put_number(writer, "irq", irqs[i].vector);
        put_number(writer, "handler", irqs[i].handler);
        end(writer, '}');
    }
    end(writer, ']');
}

static void put_schedule_entry(struct writer *writer, const struct schedule_entry *entry)
{
    begin(writer, NULL, '{');
    put_number(writer, "domain", entry->domain);
    if (entry->unit == SCHEDULE_END) {
        put_string(writer, "duration", "EndMarker");
    } else {
        begin(writer, "duration", '{');
        put_number(writer, entry->unit == SCHEDULE_US ? "Us" : "Ticks", entry->duration);
        end(writer, '}');
    }
    end(writer, '}');
}

static void put_schedule(struct writer *writer, const struct capdl *capdl)
{
    const struct schedule_entry *entries = (const void *)capdl->schedule.data;
    size_t count = capdl->schedule.size / sizeof *entries;
    if (count == 0) {
        put_null(writer, "domain_schedule");
    } else {
        begin(writer, "domain_schedule", '[');
        for (size_t i = 0; i < count; i++) {
            put_schedule_entry(writer, &entries[i]);
        }
        end(writer, ']');
    }
    put_optional(writer, "domain_set_start", capdl->schedule_start_given, capdl->schedule_start);
    put_optional(writer, "domain_idx_shift", capdl->schedule_shift_given, capdl->schedule_shift);
}

static void put_program(struct writer *writer, const struct capdl_program *program)
{
    begin(writer, NULL, '{');
    put_number(writer, "elf_id", program->elf);
    put_string(writer, "path", program->path);
    if (program->symbols_path != NULL) {
        put_string(writer, "path_for_symbols", program->symbols_path);
    }
    begin(writer, "setvars", '[');
    for (size_t i = 0; i < program->variable_count; i++) {
        begin(writer, NULL, '{');
        put_string(writer, "symbol", program->variables[i].symbol);
        put_number(writer, "value", program->variables[i].value);
        end(writer, '}');
    }
    end(writer, ']');
    end(writer, '}');
}

/* Does a reader know all of the program without being told? */
static bool is_plain(const struct capdl_program *program)
{
    size_t length = strlen(program->pd);
    return program->variable_count == 0 && program->symbols_path == NULL &&
           strncmp(program->path, program->pd, length) == 0 &&
           strcmp(program->path + length, ".elf") == 0;
}

/* Also when there is nothing to tell: that there is not is what Microkit's tool cannot say. */
static void put_programs(struct writer *writer, const struct capdl *capdl)
{
    const struct capdl_program *programs = (const void *)capdl->programs.data;
    begin(writer, "quoll", '{');
    begin(writer, "programs", '[');
    for (size_t i = 0; i < capdl->programs.size / sizeof *programs; i++) {
        if (!is_plain(&programs[i])) {
            put_program(writer, &programs[i]);
        }
    }
    end(writer, ']');
    end(writer, '}');
}

void capdl_write(const struct capdl *capdl, FILE *out)
{
    struct writer writer = {.out = out, .empty = true};
    begin(&writer, NULL, '{');
    begin(&writer, "objects", '[');
    for (uint32_t i = 0; i < capdl_count(capdl); i++) {
        put_object(&writer, capdl_object(capdl, i));
    }
    end(&writer, ']');
    put_irqs(&writer, capdl);
    put_schedule(&writer, capdl);
    begin(&writer, "asid_slots", '[');
    end(&writer, ']');
    put_range(&writer, "root_objects", 0, capdl_count(capdl));
    begin(&writer, "untyped_covers", '[');
    end(&writer, ']');
    put_null(&writer, "cached_orig_cap_slots");
    put_null(&writer, "log_level");
    put_programs(&writer, capdl);
    end(&writer, '}');
}
