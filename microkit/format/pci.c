/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Addresses of PCI devices: "bus:device.function", in hexadecimal. */
#include "microkit/format/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *read_part(const char *text, size_t length, int max, const char *malformed,
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

const char *pci_read(const char *text, struct pci_address *pci)
{
    const char *colon = strchr(text, ':');
    const char *point = colon == NULL ? NULL : strchr(colon, '.');
    if (point == NULL) {
        return "expected PCI address in bus:device.function form";
    }
    const char *wrong = read_part(text, (size_t)(colon - text), 255, "failed to parse PCI bus",
                                  "PCI bus must be within [0..255]", &pci->bus);
    if (wrong == NULL) {
        wrong = read_part(colon + 1, (size_t)(point - colon - 1), 31, "failed to parse PCI device",
                          "PCI device must be within [0..31]", &pci->device);
    }
    if (wrong == NULL) {
        wrong = read_part(point + 1, strlen(point + 1), 7, "failed to parse PCI function",
                          "PCI function must be within [0..7]", &pci->function);
    }
    return wrong;
}

const char pci_advice[] =
    "Write it as lspci does, in hexadecimal: \"00:1f.2\" is bus 0, device 31, function 2.";
