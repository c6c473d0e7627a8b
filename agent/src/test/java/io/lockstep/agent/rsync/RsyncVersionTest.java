package io.lockstep.agent.rsync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RsyncVersionTest {
    @Test
    void readsTheLineThatRsyncPrints() {
        assertThat(RsyncVersion.parse("rsync  version 3.5.0  protocol version 32"))
                .contains(new RsyncVersion(3, 5, 0, ""));
        assertThat(RsyncVersion.parse("rsync  version v3.2.3  protocol version 31"))
                .contains(new RsyncVersion(3, 2, 3, ""));
        assertThat(RsyncVersion.parse("rsync  version 3.4.3pre1  protocol version 32"))
                .contains(new RsyncVersion(3, 4, 3, "pre1"));
    }

    @Test
    void otherProgramsAreNotRsync() {
        assertThat(RsyncVersion.parse("openrsync: protocol version 29")).isEmpty();
        assertThat(RsyncVersion.parse("")).isEmpty();
        assertThat(RsyncVersion.parse("rsync  version 99999999999.1  protocol version 32"))
                .isEmpty();
    }

    @Test
    void ordersByNumberAndPutsAPreReleaseBeforeItsRelease() {
        assertThat(new RsyncVersion(3, 10, 0, "")).isGreaterThan(new RsyncVersion(3, 9, 9, ""));
        assertThat(new RsyncVersion(3, 4, 3, "pre1")).isLessThan(RsyncVersion.OLDEST);
        assertThat(new RsyncVersion(3, 4, 3, "-1")).isGreaterThan(RsyncVersion.OLDEST);
        assertThat(new RsyncVersion(3, 4, 2, "")).isLessThan(RsyncVersion.OLDEST);
    }

    @Test
    void anOldVersionIsRefusedWithWhatWasFoundWhyAndWhatToDo() {
        var found = RsyncInstallation.of("rsync", "rsync  version 3.2.7  protocol version 31");

        assertThat(found).isInstanceOf(RsyncInstallation.TooOld.class);
        assertThat(found.message()).contains("3.2.7", "3.4.3", "45 security fixes", "apt-get install rsync", "3.5.0");
    }

    @Test
    void theOldestVersionIsUsable() {
        assertThat(RsyncInstallation.of("rsync", "rsync  version 3.4.3  protocol version 32"))
                .isEqualTo(new RsyncInstallation.Usable("rsync", RsyncVersion.OLDEST));
    }

    @Test
    void aStrangeAnswerIsQuotedWithoutItsControlCharacters() {
        var found = RsyncInstallation.of("rsync", "open\u001b[31mrsync");

        assertThat(found).isInstanceOf(RsyncInstallation.Unrecognised.class);
        assertThat(found.message()).contains("open\\u001b[31mrsync").doesNotContain("\u001b");
    }
}
