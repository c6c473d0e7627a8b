package io.lockstep.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.health.TotalOutage;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Every key, set to something else than its default, arrives in its component. */
class ConfigurationMappingTest {
    @Test
    void cluster() {
        var cluster = Sample.load(Sample.MINIMAL.replace("  members:", "  onTotalOutage: drain\n  members:"))
                .cluster();

        assertThat(cluster)
                .isEqualTo(new ClusterConfiguration(
                        "prod",
                        "gw1",
                        List.of(
                                new MemberAddress("gw1", URI.create("https://10.0.0.1:9881")),
                                new MemberAddress("gw2", URI.create("https://10.0.0.2:9881"))),
                        TotalOutage.DRAIN));
    }

    @Test
    void node() {
        var configuration = Sample.load(
                Sample.MINIMAL.replace("{name: gw2}", "{name: gw1, state: /srv/state, bindRequests: /r/bind}"));

        assertThat(configuration.node())
                .isEqualTo(new NodeConfiguration("gw1", Path.of("/srv/state"), Path.of("/r/bind")));
        assertThat(configuration.isManager()).isTrue();
        assertThat(configuration.self().name()).isEqualTo("gw1");
        assertThat(configuration.peers()).extracting(MemberAddress::name).containsExactly("gw2");
    }

    @Test
    void tree() {
        var configuration = Sample.with("""
                - name: tenants
                  share: /mnt/wso2/tenants
                  mount: {point: /mnt/wso2, type: nfs4, source: "filer:/wso2"}
                  live: /opt/wso2/tenants
                  flip: bind
                  replica: /r/tenants
                  work: /r/work
                  include: [synapse-configs]
                  exclude: ["*.tmp"]
                  report: ["*.bad"]
                """.indent(2));

        assertThat(configuration.trees().get(1))
                .isEqualTo(new TreeConfiguration(
                        "tenants",
                        new ShareLocation.Mounted(Path.of("/mnt/wso2/tenants")),
                        null,
                        new MountConfiguration(Path.of("/mnt/wso2"), "nfs4", "filer:/wso2"),
                        Path.of("/opt/wso2/tenants"),
                        FlipKind.BIND,
                        Path.of("/r/tenants"),
                        Path.of("/r/work"),
                        List.of("synapse-configs"),
                        List.of("*.tmp"),
                        List.of("*.bad")));
    }

    @Test
    void aShareThatIsNotMountedWithItsCredentials() {
        var text = Sample.MINIMAL.replace(
                "share: /mnt/wso2/server", "share: sftp://wso2@files:2222/export/a%20b\n    credentials: share.yml");

        var tree = Sample.load(text).trees().get(0);

        assertThat(tree.share()).isEqualTo(new ShareLocation.Remote(URI.create("sftp://wso2@files:2222/export/a%20b")));
        assertThat(tree.credentials()).isEqualTo(Path.of("/etc/lockstep/share.yml"));
        assertThat(Sample.load(text))
                .isEqualTo(
                        Sample.load(ConfigurationFile.asTree(Sample.load(text)).toString()));
    }

    @Test
    void theMarkersDirectoryIsLeftOutWhateverThePatternsSay() {
        var filter = Sample.with("    exclude: []\n").trees().get(0).filter();

        assertThat(filter.verdict(EntryPath.of(".lockstep"))).isEqualTo(TreeFilter.Verdict.LEAVE_OUT);
        assertThat(filter.verdict(EntryPath.of("CVS"))).isEqualTo(TreeFilter.Verdict.KEEP);
    }

    @Test
    void ops() {
        assertThat(Sample.with("ops: {host: 127.0.0.1, port: 1}\n").ops())
                .isEqualTo(new OpsConfiguration("127.0.0.1", 1));
    }

    @Test
    void controlWithTls() {
        var control = Sample.with("control: {host: '::1', port: 2, tls: {ca: /a, certificate: ../b, key: c}}\n")
                .control();

        assertThat(control)
                .isEqualTo(new ControlConfiguration(
                        "::1", 2, new TlsConfiguration(Path.of("/a"), Path.of("/etc/b"), Path.of("/etc/lockstep/c"))));
    }

    @Test
    void scan() {
        var text =
                "scan: {interval: 2s, probeInterval: 700ms, replicaInterval: 500ms, threads: 3, racyWindow: 1s, maxShareOfTime: 0.5,"
                        + " digestAllEvery: 1h}\n";

        assertThat(Sample.with(text).scan())
                .isEqualTo(new ScanConfiguration(
                        Duration.ofSeconds(2),
                        Duration.ofMillis(700),
                        Duration.ofMillis(500),
                        3,
                        Duration.ofSeconds(1),
                        0.5,
                        Duration.ofHours(1)));
    }

    @Test
    void timing() {
        var text = "timing: {lossTimeout: 11s, returnAfter: 2m, driftGrace: 6s, settle: 300ms, settleShare: 7s,"
                + " exchangeInterval: 2s, readyLag: 40s, staleAfter: 90s, shareDeadline: 9s, attributeCache: 60s}\n";

        assertThat(Sample.with(text).timing())
                .isEqualTo(new TimingConfiguration(
                        Duration.ofSeconds(11),
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(6),
                        Duration.ofMillis(300),
                        Duration.ofSeconds(7),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(40),
                        Duration.ofSeconds(90),
                        Duration.ofSeconds(9),
                        Duration.ofSeconds(60)));
    }

    @Test
    void guard() {
        assertThat(Sample.with("guard: {deletions: 3, deletionShare: 0, kindFiles: 7}\n")
                        .guard())
                .isEqualTo(new GuardConfiguration(3, 0, 7));
    }

    @Test
    void rsync() {
        assertThat(Sample.with("rsync: {command: /opt/rsync, timeout: 90s, maxServed: 2}\n")
                        .rsync())
                .isEqualTo(new RsyncConfiguration("/opt/rsync", Duration.ofSeconds(90), 2));
    }

    @Test
    void trash() {
        assertThat(Sample.with("trash: {keep: 36h, generations: 5, maxMiB: 3}\n")
                        .trash())
                .isEqualTo(new TrashConfiguration(Duration.ofHours(36), 5, 3));
    }

    @Test
    void store() {
        assertThat(Sample.with("store: {scrubEvery: 2d, scrubMiBPerSecond: 4}\n")
                        .store())
                .isEqualTo(new StoreConfiguration(Duration.ofDays(2), 4));
    }

    @Test
    void logging() {
        assertThat(Sample.with("logging: {level: warn, loggers: {io.lockstep: DEBUG}}\n")
                        .logging())
                .isEqualTo(new LoggingConfiguration(Level.WARN, Map.of("io.lockstep", Level.DEBUG)));
    }

    @Test
    void effectiveValuesReadBackAsTheSameConfiguration() {
        var configuration = Sample.with("timing: {settle: 300ms}\nlogging: {loggers: {io.lockstep: DEBUG}}\n");
        var mounted = Sample.load(Sample.MINIMAL.replace(
                "    live:", "    mount: {point: /mnt/wso2, type: nfs, source: 'filer:/wso2'}\n    live:"));

        for (var given : List.of(configuration, mounted)) {
            assertThat(Sample.load(ConfigurationFile.asTree(given).toString())).isEqualTo(given);
        }
    }
}
