/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The tables of devices are sound, and devices are found in them by address, interrupt and name. */
#include "microkit/hardware.h"
#include "microkit/target.h"
#include "tests/test.h"

#include <string.h>

static uint64_t end_of(const struct device_run *run)
{
    return run->first + (run->count - 1) * run->stride + run->size;
}

TEST(every_board_but_the_pcs_has_devices)
{
    for (size_t i = 0; i < target_count; i++) {
        EXPECT_EQ(targets[i].arch == ARCH_X86_64, targets[i].hardware == NULL);
    }
}

TEST(no_two_devices_of_a_board_are_at_one_address)
{
    for (size_t i = 0; i < target_count; i++) {
        const struct hardware *hardware = targets[i].hardware;
        for (const struct device_run *run = hardware ? hardware->runs : NULL; run && run->name;
             run++) {
            EXPECT_TRUE(run->count > 0 && run->size > 0);
            EXPECT_TRUE(run->count == 1 || run->stride >= run->size);
            for (const struct device_run *other = hardware->runs; other < run; other++) {
                for (unsigned n = 0; n < run->count; n++) {
                    if (hardware_at(hardware, run->first + n * run->stride, run->size) == other) {
                        fail_msg("%s: %s is where %s is", targets[i].name, run->name, other->name);
                    }
                }
            }
        }
    }
}

TEST(devices_are_in_the_order_of_their_addresses)
{
    for (size_t i = 0; i < target_count; i++) {
        const struct hardware *hardware = targets[i].hardware;
        for (const struct device_run *run = hardware ? hardware->runs : NULL;
             run && run[0].name && run[1].name; run++) {
            EXPECT_TRUE(run[0].first < run[1].first);
        }
    }
}

TEST(no_two_devices_of_a_board_have_one_interrupt)
{
    for (size_t i = 0; i < target_count; i++) {
        const struct hardware *hardware = targets[i].hardware;
        for (const struct device_run *run = hardware ? hardware->runs : NULL; run && run->name;
             run++) {
            for (unsigned n = 0; n < run->count && run->irq != 0; n++) {
                if (hardware_of_irq(hardware, run->irq + n) != run) {
                    fail_msg("%s: irq %u of %s is another's", targets[i].name, run->irq + n,
                             run->name);
                }
            }
        }
    }
}

TEST(a_device_is_found_by_any_of_its_addresses_and_not_beside_them)
{
    const struct hardware *virt = &hardware_virt_arm;
    EXPECT_STR("PL011", hardware_at(virt, 0x9000000, 0x1000)->name);
    EXPECT_STR("PL011", hardware_at(virt, 0x9000fff, 1)->name);
    EXPECT_STR("PL031", hardware_at(virt, 0x9010000, 1)->name);
    EXPECT_TRUE(hardware_at(virt, 0x9001000, 0x1000) == NULL);
    EXPECT_TRUE(hardware_at(virt, 0x8fff000, 0x1000) == NULL);
    EXPECT_STR("PL011", hardware_at(virt, 0x8f00000, 0x200000)->name);
}

TEST(the_last_of_many_devices_is_found)
{
    EXPECT_EQ(DEVICE_VIRTIO, hardware_at(&hardware_virt_arm, 0xa003000, 0x1000)->kind);
    EXPECT_TRUE(hardware_at(&hardware_virt_arm, 0xa004000, 0x1000) == NULL);
    EXPECT_EQ(DEVICE_VIRTIO, hardware_of_irq(&hardware_virt_arm, 79)->kind);
    EXPECT_TRUE(hardware_of_irq(&hardware_virt_arm, 80) == NULL);
    EXPECT_EQ(UINT64_C(0xa004000), end_of(hardware_at(&hardware_virt_arm, 0xa000000, 1)));
}

TEST(a_range_that_ends_at_the_last_address_there_is_finds_nothing)
{
    EXPECT_TRUE(hardware_at(&hardware_virt_arm, UINT64_MAX - 0xfff, 0x1000) == NULL);
}

TEST(memory_is_no_device)
{
    for (size_t i = 0; i < target_count; i++) {
        const struct hardware *hardware = targets[i].hardware;
        if (hardware != NULL) {
            uint64_t size = hardware->memory_last - hardware->memory_first + 1;
            EXPECT_TRUE(hardware_at(hardware, hardware->memory_first, size) == NULL);
        }
    }
    EXPECT_TRUE(hardware_is_memory(&hardware_virt_arm, 0x40000000));
    EXPECT_FALSE(hardware_is_memory(&hardware_virt_arm, 0x3fffffff));
    EXPECT_FALSE(hardware_is_memory(&hardware_virt_arm, 0x9000000));
}

TEST(names_of_drivers_tell_their_devices)
{
    static const struct {
        const char *name;
        enum device_kind kind;
    } names[] = {
        {"uart1", DEVICE_SERIAL},
        {"serial_driver.elf", DEVICE_SERIAL},
        {"build/timer_driver.elf", DEVICE_TIMER},
        {"ETH0", DEVICE_NETWORK},
        {"my_blk_driver", DEVICE_DISK},
        {"gic_vcpu", DEVICE_INTERRUPTS},
        {"rtc", DEVICE_CLOCK},
        {"client", DEVICE_UNKNOWN},
        {"something", DEVICE_UNKNOWN},
        {"method", DEVICE_UNKNOWN},
        {"", DEVICE_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (device_kind_of_name(names[i].name) != names[i].kind) {
            fail_msg("'%s' tells %d", names[i].name, device_kind_of_name(names[i].name));
        }
    }
}
