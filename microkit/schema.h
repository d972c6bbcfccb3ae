/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * How the elements of a system description are declared, and what their readers may call.
 *
 * An element is a struct schema: its attributes and its children, as tables. format.c x; parse.c reads by them. Both are private to the parser.
 *
 * A refusal does not return: it records the error and leaves for microkit_parse. Nothing is lost by
 * that, as all memory is the arena's.
 */
#pragma once

#include "microkit/arena.h"
#include "microkit/model.h"
#include "microkit/names.h"
#include "microkit/xml.h"

#include <setjmp.h>
#include <stdnoreturn.h>

/* One parse in progress. */
struct reader {
    jmp_buf refused;
    struct system *system;
    const struct search_path *search;
    struct diagnostics *found;

    struct protection_domain *pd; /* the innermost that is open */
    struct virtual_machine *vm;   /* that is open */
    struct names *symbols;        /* of setvars, by PD */
    struct names pd_names;        /* once all PDs are read; of two of one name, the first */
    struct names domain_names;
    struct names device_names;
    size_t end_count; /* so far, of the channel that is open; a third and more go into this one: */
    struct channel_end surplus_end;
};

struct field {
    size_t offset;
    size_t size;
};

/* In a row of a table: the field that the value goes to, or comes from. */
#define FIELD(type, member) .field = {offsetof(type, member), sizeof(((type *)NULL)->member)}

enum presence { OPTIONAL, REQUIRED };

enum value_kind {
    VALUE_TEXT,    /* const char * */
    VALUE_NUMBER,  /* decimal or 0x, underscores ignored */
    VALUE_DECIMAL, /* with a sign, decimal alone */
    VALUE_BOOL,
    VALUE_CHOICE,    /* an enum */
    VALUE_OTHER,     /* `read` reads it */
    VALUE_ELSEWHERE, /* not read here: the attribute may, or must, be there */
    VALUE_SETVAR,    /* the symbol of a setvar, in the PD that is open */
};

/* Refused below min and above max, each with its own words. */
struct range {
    int64_t min;
    int64_t max;
    const char *below;
    const char *above;
};

struct choice {
    const char *word;
    unsigned value;
};

struct choices {
    const struct choice *list; /* ends with an empty one */
    const char *otherwise;     /* what to say of any other word */
};

/* What a setvar of VALUE_SETVAR takes: a value or a region's name, from a field read before. */
struct setvar_source {
    enum setvar_kind kind;
    struct field field;
};

/*
 * One attribute. They are read in the order of the table, which is upstream's: where two are wrong,
 * the same one is reported. A row without a name is no attribute, but a check at that place.
 */
struct attribute {
    const char *name;
    enum presence presence;
    enum value_kind kind;
    struct field field;
    uint64_t preset; /* the value if the attribute is absent; 0, false and NULL go without saying */
    const struct range *range;
    const struct choices *choices;
    struct setvar_source source;
    const char *advice; /* what to do if the value is wrong */
    /* Only then is it an attribute of this element. NULL: always. */
    bool (*applies)(const struct reader *r, const void *object);
    /* VALUE_OTHER. */
    void (*read)(struct reader *r, const struct xml_element *element, const char *value,
                 void *object);
    /* Looks at what is there once this attribute has been read, or was found absent. */
    void (*check)(struct reader *r, const struct xml_element *element, void *object);
};

/* An array in a struct, to which each such child adds an item. */
struct array {
    size_t items_offset;
    size_t count_offset;
};

#define ARRAY(type, items, count) .array = {offsetof(type, items), offsetof(type, count)}

enum blame { BLAME_PARENT, BLAME_CHILD };

/* A kind of child. */
struct child {
    const char *name;
    const struct schema *schema;
    struct array array;
    /* Not with the others but after them all. */
    bool late;
    /* What to say of a second one, and on which element. NULL: there may be many. */
    const char *once;
    enum blame once_on;
};

struct schema {
    /* Of the object, which then starts with its position. 0: it has no object but its parent's. */
    size_t size;
    const struct attribute *attributes; /* ends with an empty one; NULL: none */
    const struct child *children;       /* likewise; NULL: none, and none is looked at */
    bool open;                          /* attributes that are not in the table are taken as well */
    /* Where the object is, if not in an array of the parent's. */
    void *(*place)(struct reader *r, void *parent);
    /* Before its attributes are looked at. */
    void (*begin)(struct reader *r, const struct xml_element *element, void *object);
    /* What else this element is, as its attributes tell; it is read into the same object. */
    const struct schema *(*variant)(struct reader *r, const struct xml_element *element,
                                    void *object);
    /* A child that is in no table. NULL: the usual refusal. */
    void (*stranger)(struct reader *r, const struct xml_element *element,
                     const struct xml_element *child);
    /* After the children, but before the late ones; and after all. */
    void (*halfway)(struct reader *r, const struct xml_element *element, void *object);
    void (*finish)(struct reader *r, const struct xml_element *element, void *object);
};

/* <system>. The object is a struct system. */
extern const struct schema system_schema;

/* Refuse: with upstream's message, as it is, and our advice (NULL: none) on the line of `at`. */
noreturn void reader_refuse(struct reader *r, struct position at, const char *advice,
                            const char *message, ...) __attribute__((format(printf, 4, 5)));

/* The same in the form that most have: "Error: MESSAGE on element 'x': file:line:column". */
noreturn void reader_refuse_value(struct reader *r, const struct xml_element *element,
                                  const char *advice, const char *message, ...)
    __attribute__((format(printf, 4, 5)));

/* The two in steps, for who has more than a fixed text to advise. */
void reader_complain(struct reader *r, struct position at, const char *message, ...)
    __attribute__((format(printf, 3, 4)));
void reader_complain_value(struct reader *r, const struct xml_element *element, const char *message,
                           ...) __attribute__((format(printf, 3, 4)));
noreturn void reader_give_up(struct reader *r);

/* From the arena, zeroed. Refuses if there is no memory. */
void *reader_alloc(struct reader *r, size_t size);

/* Add to a table of names. False if the name is taken. */
bool reader_name(struct reader *r, struct names *names, const char *name, void *thing);

/* The value of an attribute, or a refusal because it is missing. */
const char *reader_required(struct reader *r, const struct xml_element *element, const char *name);

/* A number as VALUE_NUMBER and as VALUE_DECIMAL read it, or a refusal. */
uint64_t reader_number(struct reader *r, const struct xml_element *element, const char *text);
int64_t reader_decimal(struct reader *r, const struct xml_element *element, const char *text);

/* Add to a PD's setvars, or refuse because it has one for that symbol. */
void reader_add_setvar(struct reader *r, const struct xml_element *element,
                       struct protection_domain *pd, struct setvar setvar);
