package io.lockstep.agent.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.mount.MountEntry;
import org.junit.jupiter.api.Test;

class ProcMountsTest {
    @Test
    void thisMachinesTableIsReadAndStaysTheSameObjectWhileItDoesNotChange() throws Exception {
        var mounts = new ProcMounts();

        var table = mounts.read();

        assertThat(table.covering("/proc/self").map(MountEntry::type)).contains("proc");
        assertThat(mounts.read()).isEqualTo(table);
    }
}
