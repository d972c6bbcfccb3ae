/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* <channel>, with two <end>. */
#include "microkit/format/format.h"

const struct range channel_id_range = {
    0,
    CHANNEL_ID_MAX,
    "id must be >= 0",
    "id must be < 62",
};
const char channel_id_advice[] =
    "Ids are bits of one word; two of its 64 are Microkit's own. So a PD has at most 62 of them.";

static void *place_channel_end(struct reader *r, void *parent)
{
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
        reader_complain_value(r, element, "invalid PD name '%s'", end->pd_name);
        if (nearest != NULL) {
            diagnostic_advise(r->found, "Did you mean '%s'?", nearest);
        } else {
            diagnostic_advise(r->found, "No <protection_domain> has that name.");
        }
        reader_give_up(r);
    }
}

static const struct attribute end_attributes[] = {
    {"pd", REQUIRED, VALUE_TEXT, FIELD(struct channel_end, pd_name)},
    {"id", REQUIRED, VALUE_DECIMAL, FIELD(struct channel_end, id), .range = &channel_id_range,
     .advice = channel_id_advice},
    {"notify", OPTIONAL, VALUE_BOOL, FIELD(struct channel_end, notify), .preset = true},
    {"pp", OPTIONAL, VALUE_BOOL, FIELD(struct channel_end, pp), .check = check_end_pd},
    {"setvar_id", OPTIONAL, .kind = VALUE_ELSEWHERE},
    {0},
};

static const struct schema end_schema = {
    .size = sizeof(struct channel_end),
    .place = place_channel_end,
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
        reader_refuse_value(r, element,
                            "A channel connects two PDs: one <end pd=\"...\" id=\"...\" /> each.",
                            "exactly two end elements must be specified");
    }
    if (channel->ends[0].pp && channel->ends[1].pp) {
        reader_refuse_value(
            r, element,
            "If each could wait for the other, both might for ever. Let one end have pp,\n"
            "and the other notify.",
            "cannot ppc bidirectionally");
    }
    const struct xml_element *child = element->first_child;
    for (size_t i = 0; i < 2; i++, child = child->next) {
        const char *symbol = xml_value(child, "setvar_id");
        if (symbol != NULL) {
            reader_add_setvar(r, element, channel->ends[i].pd,
                              (struct setvar){.kind = SETVAR_VALUE,
                                              .symbol = symbol,
                                              .value = channel->ends[i].id});
        }
    }
}

static const struct child channel_children[] = {
    {"end", .schema = &end_schema},
    {0},
};

const struct schema channel_schema = {
    .size = sizeof(struct channel),
    .children = channel_children,
    .begin = begin_channel,
    .finish = finish_channel,
};
