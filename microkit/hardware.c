/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/hardware.h"

#include <ctype.h>
#include <string.h>

/* Source of all addresses and interrupts: the boards' device trees, as seL4 16.0.0 and sDDF have them. */

#define ONE(device, label, address, bytes, number)                                                 \
    {                                                                                              \
        .kind = DEVICE_##device, .name = (label), .first = (address), .size = (bytes),             \
        .irq = (number), .count = 1                                                                \
    }
#define MANY(device, label, address, bytes, number, times, step)                                   \
    {                                                                                              \
        .kind = DEVICE_##device, .name = (label), .first = (address), .size = (bytes),             \
        .irq = (number), .count = (times), .stride = (step)                                        \
    }
#define HARDWARE(variable, first, last, devices)                                                   \
    const struct hardware hardware_##variable = {                                                  \
        .memory_first = (first), .memory_last = (last), .runs = (devices)}

static const struct device_run virt_arm[] = {
    ONE(INTERRUPTS, "GIC", 0x8000000, 0x50000, 0),
    ONE(SERIAL, "PL011", 0x9000000, 0x1000, 33),
    ONE(CLOCK, "PL031", 0x9010000, 0x1000, 34),
    ONE(GPIO, "PL061", 0x9030000, 0x1000, 39),
    MANY(VIRTIO, "virtio-mmio", 0xa000000, 0x200, 48, 32, 0x200),
    {0},
};
HARDWARE(virt_arm, 0x40000000, 0xbfffffff, virt_arm);

static const struct device_run virt_riscv[] = {
    ONE(CLOCK, "Goldfish clock", 0x101000, 0x1000, 11),
    ONE(INTERRUPTS, "PLIC", 0xc000000, 0x600000, 0),
    ONE(SERIAL, "16550", 0x10000000, 0x100, 10),
    MANY(VIRTIO, "virtio-mmio", 0x10001000, 0x1000, 1, 8, 0x1000),
    {0},
};
HARDWARE(virt_riscv, 0x80000000, 0xffffffff, virt_riscv);

static const struct device_run imx8m[] = {
    MANY(GPIO, "i.MX GPIO", 0x30200000, 0x10000, 0, 5, 0x10000),
    ONE(TIMER, "GPT", 0x302d0000, 0x10000, 87),
    ONE(TIMER, "GPT", 0x302e0000, 0x10000, 86),
    ONE(TIMER, "GPT", 0x302f0000, 0x10000, 85),
    ONE(TIMER, "system counter", 0x306a0000, 0x20000, 79),
    ONE(TIMER, "GPT", 0x306e0000, 0x10000, 0), /* it shares the next one's interrupt */
    MANY(TIMER, "GPT", 0x306f0000, 0x10000, 83, 2, 0x10000),
    ONE(SERIAL, "i.MX UART", 0x30860000, 0x10000, 58),
    ONE(SERIAL, "i.MX UART", 0x30880000, 0x10000, 60),
    ONE(SERIAL, "i.MX UART", 0x30890000, 0x10000, 59),
    MANY(I2C, "i.MX I2C", 0x30a20000, 0x10000, 67, 4, 0x10000),
    ONE(SERIAL, "i.MX UART", 0x30a60000, 0x10000, 61),
    MANY(I2C, "i.MX I2C", 0x30ad0000, 0x10000, 108, 2, 0x10000),
    MANY(DISK, "uSDHC", 0x30b40000, 0x10000, 54, 3, 0x10000),
    ONE(NETWORK, "FEC", 0x30be0000, 0x10000, 152),
    ONE(NETWORK, "EQOS", 0x30bf0000, 0x10000, 167),
    ONE(INTERRUPTS, "GIC", 0x31020000, 0x1000, 0),
    ONE(INTERRUPTS, "GIC", 0x38800000, 0x140000, 0),
    {0},
};
HARDWARE(imx8m, 0x40000000, 0xffffffff, imx8m);

static const struct device_run imx8x[] = {
    ONE(INTERRUPTS, "GIC", 0x51a00000, 0x1c0000, 0),
    MANY(SERIAL, "LPUART", 0x5a060000, 0x1000, 377, 4, 0x10000),
    MANY(I2C, "LPI2C", 0x5a800000, 0x4000, 252, 4, 0x10000),
    MANY(DISK, "uSDHC", 0x5b010000, 0x10000, 264, 2, 0x10000),
    ONE(NETWORK, "FEC", 0x5b040000, 0x10000, 290),
    ONE(NETWORK, "FEC", 0x5b050000, 0x10000, 294),
    MANY(TIMER, "GPT", 0x5d140000, 0x1000, 112, 5, 0x10000),
    MANY(UNKNOWN, "clock of a GPT", 0x5d540000, 0x1000, 0, 5, 0x10000),
    {0},
};
HARDWARE(imx8x, 0x80200000, 0xbfffffff, imx8x);

static const struct device_run meson_gx[] = {
    ONE(SERIAL, "Meson UART", 0xc11084c0, 0x18, 58),
    ONE(SERIAL, "Meson UART", 0xc11084dc, 0x18, 107),
    ONE(I2C, "Meson I2C", 0xc1108500, 0x20, 53),
    ONE(SERIAL, "Meson UART", 0xc1108700, 0x18, 125),
    MANY(I2C, "Meson I2C", 0xc11087c0, 0x20, 246, 2, 0x20),
    ONE(TIMER, "Meson timer", 0xc11098d0, 0x10, 0),
    ONE(INTERRUPTS, "GIC", 0xc4301000, 0x7000, 0),
    ONE(SERIAL, "Meson UART", 0xc81004c0, 0x18, 225),
    ONE(SERIAL, "Meson UART", 0xc81004e0, 0x18, 229),
    ONE(I2C, "Meson I2C", 0xc8100500, 0x20, 227),
    ONE(NETWORK, "DWMAC", 0xc9410000, 0x10000, 40),
    ONE(DISK, "Meson MMC", 0xd0070000, 0x800, 248),
    ONE(DISK, "Meson MMC", 0xd0072000, 0x800, 249),
    ONE(DISK, "Meson MMC", 0xd0074000, 0x800, 250),
    {0},
};
HARDWARE(meson_gx, 0, 0x7fffffff, meson_gx);

static const struct device_run meson_g12[] = {
    ONE(NETWORK, "DWMAC", 0xff3f0000, 0x10000, 40),
    ONE(SERIAL, "Meson UART", 0xff803000, 0x18, 225),
    ONE(SERIAL, "Meson UART", 0xff804000, 0x18, 229),
    ONE(I2C, "Meson I2C", 0xff805000, 0x20, 227),
    ONE(INTERRUPTS, "GIC", 0xffc01000, 0x7000, 0),
    ONE(TIMER, "Meson timer", 0xffd0f000, 0x1000, 42),
    ONE(I2C, "Meson I2C", 0xffd1c000, 0x20, 71),
    ONE(I2C, "Meson I2C", 0xffd1d000, 0x20, 247),
    ONE(I2C, "Meson I2C", 0xffd1e000, 0x20, 246),
    ONE(I2C, "Meson I2C", 0xffd1f000, 0x20, 53),
    ONE(SERIAL, "Meson UART", 0xffd22000, 0x18, 125),
    ONE(SERIAL, "Meson UART", 0xffd23000, 0x18, 107),
    ONE(SERIAL, "Meson UART", 0xffd24000, 0x18, 58),
    ONE(DISK, "Meson MMC", 0xffe03000, 0x800, 221),
    ONE(DISK, "Meson MMC", 0xffe05000, 0x800, 222),
    ONE(DISK, "Meson MMC", 0xffe07000, 0x800, 223),
    {0},
};
HARDWARE(meson_g12, 0, 0xf57fffff, meson_g12);

static const struct device_run rk3568[] = {
    ONE(INTERRUPTS, "GIC", 0xfd400000, 0xe0000, 0),
    ONE(I2C, "RK3568 I2C", 0xfdd40000, 0x1000, 78),
    ONE(SERIAL, "16550", 0xfdd50000, 0x100, 148),
    ONE(DISK, "DW MSHC", 0xfe000000, 0x4000, 132),
    ONE(NETWORK, "GMAC", 0xfe010000, 0x10000, 64),
    ONE(NETWORK, "GMAC", 0xfe2a0000, 0x10000, 59),
    MANY(DISK, "DW MSHC", 0xfe2b0000, 0x4000, 130, 2, 0x10000),
    ONE(DISK, "SDHCI", 0xfe310000, 0x10000, 51),
    MANY(I2C, "RK3568 I2C", 0xfe5a0000, 0x1000, 79, 5, 0x10000),
    ONE(TIMER, "RK3568 timer", 0xfe5f0000, 0x1000, 141),
    MANY(SERIAL, "16550", 0xfe650000, 0x100, 149, 9, 0x10000),
    {0},
};
HARDWARE(rk3568, 0x200000, 0xece9bfff, rk3568);

static const struct device_run rk3399[] = {
    ONE(NETWORK, "GMAC", 0xfe300000, 0x10000, 44),
    MANY(DISK, "DW MSHC", 0xfe310000, 0x4000, 96, 2, 0x10000),
    ONE(DISK, "SDHCI", 0xfe330000, 0x10000, 43),
    ONE(INTERRUPTS, "GIC", 0xfee00000, 0x1c0000, 0),
    MANY(I2C, "RK3399 I2C", 0xff110000, 0x1000, 0, 6, 0x10000),
    ONE(SERIAL, "16550", 0xff180000, 0x100, 131),
    ONE(SERIAL, "16550", 0xff190000, 0x100, 130),
    MANY(SERIAL, "16550", 0xff1a0000, 0x100, 132, 2, 0x10000),
    ONE(SERIAL, "16550", 0xff370000, 0x100, 134),
    MANY(I2C, "RK3399 I2C", 0xff3c0000, 0x1000, 0, 3, 0x10000),
    MANY(TIMER, "RK3399 timer", 0xff850000, 0x20, 113, 2, 0x20),
    {0},
};
HARDWARE(rk3399, 0x10000000, 0xf7ffffff, rk3399);

static const struct device_run bcm2711[] = {
    ONE(NETWORK, "GENET", 0xfd580000, 0x10000, 189),
    ONE(TIMER, "BCM2835 system timer", 0xfe003000, 0x1000, 96),
    ONE(GPIO, "BCM2711 GPIO", 0xfe200000, 0x1000, 0),
    ONE(SERIAL, "PL011", 0xfe201000, 0x200, 153),
    MANY(SERIAL, "PL011", 0xfe201400, 0x200, 0, 4, 0x200),
    MANY(I2C, "BCM2711 I2C", 0xfe205000, 0x200, 149, 1, 0x200),
    MANY(I2C, "BCM2711 I2C", 0xfe205600, 0x200, 0, 4, 0x200),
    ONE(SERIAL, "BCM2835 auxiliary UART", 0xfe215040, 0x40, 125),
    ONE(DISK, "SDHCI", 0xfe300000, 0x100, 158),
    ONE(DISK, "EMMC2", 0xfe340000, 0x100, 0),
    ONE(I2C, "BCM2711 I2C", 0xfe804000, 0x1000, 0),
    ONE(INTERRUPTS, "GIC", 0xff841000, 0x7000, 0),
    {0},
};
HARDWARE(bcm2711, 0, 0xfbffffff, bcm2711);

static const struct device_run stm32mp2[] = {
    MANY(TIMER, "STM32 low-power timer", 0x40090000, 0x400, 0, 2, 0x10000),
    MANY(SERIAL, "STM32 UART", 0x400e0000, 0x400, 147, 2, 0x10000),
    MANY(SERIAL, "STM32 UART", 0x40100000, 0x400, 158, 2, 0x10000),
    MANY(I2C, "STM32 I2C", 0x40120000, 0x400, 0, 7, 0x10000),
    ONE(SERIAL, "STM32 UART", 0x40220000, 0x400, 168),
    ONE(SERIAL, "STM32 UART", 0x402c0000, 0x400, 182),
    ONE(SERIAL, "STM32 UART", 0x40330000, 0x400, 146),
    MANY(SERIAL, "STM32 UART", 0x40370000, 0x400, 180, 2, 0x10000),
    MANY(TIMER, "STM32 low-power timer", 0x46050000, 0x400, 0, 3, 0x10000),
    ONE(DISK, "SDMMC", 0x48220000, 0x400, 155),
    MANY(NETWORK, "DWMAC", 0x482c0000, 0x4000, 0, 2, 0x10000),
    ONE(INTERRUPTS, "GIC", 0x4ac10000, 0x70000, 0),
    {0},
};
HARDWARE(stm32mp2, 0x80000000, 0x17fffffff, stm32mp2);

static const struct device_run zynqmp[] = {
    ONE(INTERRUPTS, "GIC", 0xf9010000, 0x70000, 0),
    MANY(SERIAL, "Cadence UART", 0xff000000, 0x1000, 53, 2, 0x10000),
    MANY(I2C, "Cadence I2C", 0xff020000, 0x1000, 49, 2, 0x10000),
    ONE(NETWORK, "GEM", 0xff0b0000, 0x1000, 89),
    ONE(NETWORK, "GEM", 0xff0c0000, 0x1000, 91),
    ONE(NETWORK, "GEM", 0xff0d0000, 0x1000, 93),
    ONE(NETWORK, "GEM", 0xff0e0000, 0x1000, 95),
    ONE(TIMER, "TTC", 0xff110000, 0x1000, 68),
    ONE(TIMER, "TTC", 0xff120000, 0x1000, 71),
    ONE(TIMER, "TTC", 0xff130000, 0x1000, 74),
    ONE(TIMER, "TTC", 0xff140000, 0x1000, 77),
    MANY(DISK, "SDHCI", 0xff160000, 0x1000, 80, 2, 0x10000),
    {0},
};
HARDWARE(zynqmp, 0, 0x7fffffff, zynqmp);

static const struct device_run ariane[] = {
    ONE(TIMER, "APB timer", 0x18000000, 0x1000, 0),
    {0},
};
HARDWARE(ariane, 0x80000000, 0xbfffffff, ariane);

static const struct device_run cheshire[] = {
    ONE(SERIAL, "16550", 0x3002000, 0x1000, 1),
    ONE(I2C, "OpenTitan I2C", 0x3003000, 0x1000, 19),
    ONE(TIMER, "APB timer", 0x300b000, 0x1000, 20),
    {0},
};
HARDWARE(cheshire, 0x80000000, 0xbfffffff, cheshire);

static const struct device_run eic7700[] = {
    ONE(DISK, "SDHCI", 0x50450000, 0x10000, 79),
    ONE(DISK, "SDHCI", 0x50460000, 0x10000, 81),
    ONE(DISK, "SDHCI", 0x50470000, 0x10000, 83),
    MANY(SERIAL, "16550", 0x50900000, 0x10000, 100, 5, 0x10000),
    MANY(I2C, "DesignWare I2C", 0x50950000, 0x8000, 105, 10, 0x10000),
    MANY(TIMER, "EIC7700 timer", 0x51840000, 0x8000, 345, 4, 0x8000),
    {0},
};
HARDWARE(eic7700, 0x80000000, 0x7fffffffff, eic7700);

static const struct device_run jh7110[] = {
    MANY(SERIAL, "16550", 0x10000000, 0x10000, 32, 3, 0x10000),
    MANY(I2C, "DesignWare I2C", 0x10030000, 0x10000, 35, 3, 0x10000),
    MANY(SERIAL, "16550", 0x12000000, 0x10000, 45, 3, 0x10000),
    MANY(I2C, "DesignWare I2C", 0x12030000, 0x10000, 48, 4, 0x10000),
    ONE(TIMER, "JH7110 timer", 0x13050000, 0x10000, 69),
    ONE(NETWORK, "DWMAC", 0x16030000, 0x10000, 7),
    ONE(NETWORK, "DWMAC", 0x16040000, 0x10000, 78),
    {0},
};
HARDWARE(jh7110, 0x40000000, 0x13fffffff, jh7110);

static bool overlaps(const struct device_run *run, uint64_t first, uint64_t size)
{
    for (uint64_t i = 0; i < run->count; i++) {
        uint64_t device = run->first + i * run->stride;
        if (first < device + run->size && device - first < size) {
            return true;
        }
        if (device <= first && first - device < run->size) {
            return true;
        }
    }
    return false;
}

const struct device_run *hardware_at(const struct hardware *hardware, uint64_t first, uint64_t size)
{
    for (const struct device_run *run = hardware->runs; run->name != NULL; run++) {
        if (overlaps(run, first, size)) {
            return run;
        }
    }
    return NULL;
}

const struct device_run *hardware_of_irq(const struct hardware *hardware, uint64_t irq)
{
    for (const struct device_run *run = hardware->runs; run->name != NULL; run++) {
        if (run->irq != 0 && irq >= run->irq && irq - run->irq < run->count) {
            return run;
        }
    }
    return NULL;
}

bool hardware_is_memory(const struct hardware *hardware, uint64_t address)
{
    return address >= hardware->memory_first && address <= hardware->memory_last;
}

/* Beginnings of words in the names of regions, PDs and programs; sDDF's drivers among them. */
static const struct {
    const char *beginning;
    enum device_kind kind;
} words[] = {
    {"uart", DEVICE_SERIAL},    {"serial", DEVICE_SERIAL},   {"pl011", DEVICE_SERIAL},
    {"lpuart", DEVICE_SERIAL},  {"ns16550", DEVICE_SERIAL},  {"console", DEVICE_SERIAL},
    {"timer", DEVICE_TIMER},    {"gpt", DEVICE_TIMER},       {"ttc", DEVICE_TIMER},
    {"goldfish", DEVICE_TIMER}, {"rtc", DEVICE_CLOCK},       {"pl031", DEVICE_CLOCK},
    {"eth", DEVICE_NETWORK},    {"net", DEVICE_NETWORK},     {"gem", DEVICE_NETWORK},
    {"genet", DEVICE_NETWORK},  {"dwmac", DEVICE_NETWORK},   {"fec", DEVICE_NETWORK},
    {"enet", DEVICE_NETWORK},   {"nic", DEVICE_NETWORK},     {"blk", DEVICE_DISK},
    {"block", DEVICE_DISK},     {"mmc", DEVICE_DISK},        {"emmc", DEVICE_DISK},
    {"usdhc", DEVICE_DISK},     {"sdhci", DEVICE_DISK},      {"nvme", DEVICE_DISK},
    {"disk", DEVICE_DISK},      {"virtio", DEVICE_VIRTIO},   {"i2c", DEVICE_I2C},
    {"gpio", DEVICE_GPIO},      {"pinctrl", DEVICE_GPIO},    {"pinmux", DEVICE_GPIO},
    {"gpu", DEVICE_GPU},        {"framebuffer", DEVICE_GPU}, {"snd", DEVICE_SOUND},
    {"sound", DEVICE_SOUND},    {"gic", DEVICE_INTERRUPTS},  {"plic", DEVICE_INTERRUPTS},
};

enum device_kind device_kind_of_name(const char *name)
{
    for (const char *word = name; *word != '\0'; word++) {
        if (word != name && isalnum((unsigned char)word[-1])) {
            continue;
        }
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            if (strncasecmp(word, words[i].beginning, strlen(words[i].beginning)) == 0) {
                return words[i].kind;
            }
        }
    }
    return DEVICE_UNKNOWN;
}
