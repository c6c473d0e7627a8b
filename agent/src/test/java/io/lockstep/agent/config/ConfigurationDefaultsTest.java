package io.lockstep.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.TreeFilter;
import io.lockstep.health.TotalOutage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class ConfigurationDefaultsTest {
    private final AgentConfiguration minimal = Sample.load(Sample.MINIMAL);

    @Test
    void nodeHasItsDefaultState() {
        assertThat(minimal.node())
                .isEqualTo(new NodeConfiguration(
                        "gw2", Path.of("/var/lib/lockstep/state"), Path.of("/run/lockstep/bind")));
    }

    @Test
    void treeHasTheGatewaysFilterAndAWorkDirectoryBesideTheReplica() {
        assertThat(minimal.trees())
                .containsExactly(new TreeConfiguration(
                        "server",
                        new ShareLocation.Mounted(Path.of("/mnt/wso2/server")),
                        null,
                        null,
                        Path.of("/opt/wso2/server"),
                        FlipKind.LINK,
                        Path.of("/var/lib/lockstep/replica/server"),
                        Path.of("/var/lib/lockstep/replica/.lockstep/server"),
                        List.of(),
                        TreeFilter.DEFAULT_EXCLUDE,
                        TreeFilter.DEFAULT_REPORT));
    }

    @Test
    void aTotalOutageTakesNoNodeOutOfRotation() {
        assertThat(minimal.cluster().onTotalOutage()).isEqualTo(TotalOutage.SERVE);
    }

    @Test
    void aMountWithoutAValueIsNone() {
        var empty = Sample.load(
                Sample.MINIMAL.replace("    live:", "    mount:\n      point:\n      type:\n      source:\n    live:"));

        assertThat(empty).isEqualTo(minimal);
    }

    @Test
    void opsListensOn9880() {
        assertThat(minimal.ops()).isEqualTo(new OpsConfiguration("0.0.0.0", 9880));
    }

    @Test
    void controlListensOn9881WithTlsFilesBesideTheConfiguration() {
        var tls = Path.of("/etc/lockstep/tls");
        assertThat(minimal.control())
                .isEqualTo(new ControlConfiguration(
                        "0.0.0.0",
                        9881,
                        new TlsConfiguration(tls.resolve("ca.pem"), tls.resolve("node.pem"), tls.resolve("node.key"))));
    }

    @Test
    void scanReadsTheShareAsOftenAsTheGatewayDoes() {
        assertThat(minimal.scan())
                .isEqualTo(new ScanConfiguration(
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        2,
                        Duration.ofSeconds(2),
                        0.2,
                        Duration.ofHours(24)));
    }

    @Test
    void timingHasItsDefaults() {
        assertThat(minimal.timing())
                .isEqualTo(new TimingConfiguration(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(5),
                        Duration.ofMillis(200),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(7)));
    }

    @Test
    void guardStopsMoreThanTenOrAFifth() {
        assertThat(minimal.guard()).isEqualTo(new GuardConfiguration(10, 0.2, 1));
    }

    @Test
    void rsyncIsFoundInThePath() {
        assertThat(minimal.rsync()).isEqualTo(new RsyncConfiguration("rsync", Duration.ofMinutes(5), 8));
    }

    @Test
    void trashKeepsSevenDaysAndTwentyGenerations() {
        assertThat(minimal.trash()).isEqualTo(new TrashConfiguration(Duration.ofDays(7), 20, 10_240));
    }

    @Test
    void keptContentIsScrubbedOnceAWeek() {
        assertThat(minimal.store()).isEqualTo(new StoreConfiguration(Duration.ofDays(7), 10));
    }

    @Test
    void loggingIsAtInfo() {
        assertThat(minimal.logging()).isEqualTo(new LoggingConfiguration(Level.INFO, Map.of()));
    }

    @Test
    void sectionsThatAreEmptyHaveTheirDefaults() {
        assertThat(Sample.with("scan:\ntiming: {}\nlogging:\n  loggers:\n")).isEqualTo(minimal);
    }
}
