package io.lockstep.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.mount.MountEntry;
import org.junit.jupiter.api.Test;

class MountInfoTest {
    @Test
    void thisMachinesTableIsReadEachTime() throws Exception {
        var mounts = new MountInfo();

        assertThat(mounts.read().covering("/proc/self").map(MountEntry::type)).contains("proc");
        assertThat(mounts.read().covering("/proc/self").map(MountEntry::type)).contains("proc");
    }
}
