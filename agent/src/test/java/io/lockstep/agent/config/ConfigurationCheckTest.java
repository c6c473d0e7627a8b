package io.lockstep.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationCheckTest {
    @TempDir
    private Path home;

    private String text = "";

    @BeforeEach
    void aHostThatIsReady() throws IOException {
        home = home.toRealPath();
        Files.createDirectories(home.resolve("mnt/server"));
        Files.createDirectories(home.resolve("gateway"));
        Files.createDirectories(home.resolve("replica"));
        Files.createDirectories(home.resolve("tls"));
        Files.createDirectories(home.resolve("bin"));
        for (var file : new String[] {"tls/ca.pem", "tls/node.pem", "tls/node.key", "bin/rsync"}) {
            Files.writeString(home.resolve(file), "");
        }
        Files.setPosixFilePermissions(home.resolve("tls/node.key"), PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(home.resolve("bin/rsync"), PosixFilePermissions.fromString("rwxr-xr-x"));
        text = """
                cluster: {id: prod, manager: gw1, members: [{name: gw1, control: "https://127.0.0.1:9881"}]}
                node: {name: gw1, state: state}
                trees:
                  - {name: server, share: mnt/server, live: gateway/server, replica: replica/server}
                """;
        new ShareMarker(home.resolve("mnt/server")).write("prod");
    }

    private AgentConfiguration configuration() throws InvalidConfigurationException {
        return ConfigurationFile.parse(text, home.resolve("lockstep.yml"));
    }

    private Findings host() throws InvalidConfigurationException {
        return ConfigurationCheck.host(configuration(), home.resolve("bin").toString());
    }

    private void assertError(String key, String what) throws InvalidConfigurationException {
        assertThat(host().errors())
                .anySatisfy(problem -> {
                    assertThat(problem.key()).isEqualTo(key);
                    assertThat(problem.what()).contains(what);
                    assertThat(problem.remedy()).isNotBlank();
                })
                .hasSize(1);
    }

    @Test
    void aReadyHostHasNoFindings() throws Exception {
        assertThat(host().and(ShareCheck.shares(configuration()))).isEqualTo(new Findings(List.of(), List.of()));
    }

    @Test
    void checkingChangesNothing() throws Exception {
        host();

        assertThat(home.resolve("state")).doesNotExist();
        assertThat(home.resolve("replica/server")).doesNotExist();
        assertThat(home.resolve("gateway/server")).doesNotExist();
    }

    @Test
    void aMissingGatewayIsAnError() throws Exception {
        Files.delete(home.resolve("gateway"));

        assertError("trees[0].live", "gateway is not there");
    }

    @Test
    void aLiveDirectoryIsNotMovedButExplained() throws Exception {
        Files.createDirectory(home.resolve("gateway/server"));

        assertError("trees[0].live", "is a directory, and the agent needs a symlink there");
        assertThat(host().errors().get(0).remedy()).contains("lockstep setup --host");
    }

    @Test
    void aLiveFileIsAnError() throws Exception {
        Files.createFile(home.resolve("gateway/server"));

        assertError("trees[0].live", "neither a symlink nor absent");
    }

    @Test
    void aLiveLinkToTheShareOrTheReplicaIsFineAndAnyOtherIsAWarning() throws Exception {
        var live = home.resolve("gateway/server");
        Files.createSymbolicLink(live, home.resolve("mnt/server"));
        assertThat(host().warnings()).isEmpty();
        Files.delete(live);
        Files.createSymbolicLink(live, Path.of("../replica/server"));
        assertThat(host().warnings()).isEmpty();
        Files.delete(live);
        Files.createSymbolicLink(live, home.resolve("tls"));

        assertThat(host().warnings()).extracting(Problem::key).containsExactly("trees[0].live");
        assertThat(host().errors()).isEmpty();
    }

    @Test
    void theReplicasParentMustBeThere() throws Exception {
        Files.delete(home.resolve("replica"));

        assertError("trees[0].replica", "replica is not there");
    }

    @Test
    void aReplicaThatIsALinkIsAnError() throws Exception {
        Files.createSymbolicLink(home.resolve("replica/server"), home.resolve("tls"));

        assertError("trees[0].replica", "is not a directory");
    }

    @Test
    void workMustLieOnTheReplicasFileSystem() throws Exception {
        text = text.replace("replica: replica/server", "replica: replica/server, work: /proc/self/work");

        assertThat(host().errors())
                .extracting(Problem::key, Problem::what)
                .anySatisfy(problem -> assertThat(problem.toString())
                        .contains("trees[0].work")
                        .contains("is not on the file system of the replica"));
    }

    @Test
    void linksDoNotHideAnOverlap() throws Exception {
        Files.createSymbolicLink(home.resolve("elsewhere"), home.resolve("gateway"));
        text = text.replace("replica: replica/server", "replica: elsewhere/server/deep, work: work");
        Files.createDirectory(home.resolve("gateway/server"));

        assertThat(host().errors())
                .extracting(Problem::what)
                .contains(home.resolve("gateway/server/deep") + " lies inside trees[0].live ("
                        + home.resolve("gateway/server") + ")");
    }

    @Test
    void aShareThatIsALinkIntoAnotherDirectoryIsAnError() throws Exception {
        Files.createSymbolicLink(home.resolve("linked"), home.resolve("gateway"));
        text = text.replace("share: mnt/server", "share: linked");

        assertThat(ShareCheck.shares(configuration()).errors())
                .extracting(Problem::what)
                .containsExactly(home.resolve("gateway/server") + " lies inside trees[0].share ("
                        + home.resolve("gateway") + ")");
    }

    @Test
    void tlsFilesMustBeThereAndTheKeyPrivate() throws Exception {
        Files.delete(home.resolve("tls/ca.pem"));
        assertError("control.tls.ca", "tls/ca.pem is not there");
        Files.writeString(home.resolve("tls/ca.pem"), "");
        Files.setPosixFilePermissions(home.resolve("tls/node.key"), PosixFilePermissions.fromString("rw-r--r--"));

        assertError("control.tls.key", "by every user of this host");
    }

    @Test
    void stateBelowAFileIsAnError() throws Exception {
        text = text.replace("state: state", "state: tls/ca.pem/state");

        assertError("node.state", "ca.pem is not a directory");
    }

    @Test
    void rsyncMustBeInstalled() throws Exception {
        Files.delete(home.resolve("bin/rsync"));
        assertError("rsync.command", "'rsync' is not found in PATH");
        text += "rsync: {command: " + home.resolve("tls/ca.pem") + "}\n";

        assertError("rsync.command", "is not an executable file");
    }

    @Test
    void aPortThatPeersDoNotKnowIsAWarning() throws Exception {
        text += "control: {port: 9999}\n";

        assertThat(host().warnings()).extracting(Problem::key).containsExactly("cluster.members[0].control");
    }

    @Test
    void aShareThatIsAwayIsAWarning() throws Exception {
        text = text.replace("share: mnt/server", "share: mnt/other");

        assertThat(ShareCheck.shares(configuration()).warnings())
                .extracting(Problem::what)
                .containsExactly(home.resolve("mnt/other") + " is not there");
    }

    @Test
    void aShareWithoutThisClustersMarkerIsAWarning() throws Exception {
        var marker = home.resolve("mnt/server/.lockstep/cluster");
        Files.writeString(marker, "{\"clusterId\":\"other\",\"shareId\":\"1\"}");
        assertShareWarning("belongs to cluster 'other' and not to 'prod'");
        Files.writeString(marker, "{\"clus");
        assertShareWarning("can't be read: it is not the JSON of a marker");
        Files.delete(marker);
        assertShareWarning("cluster is not there, so the share counts as lost");
    }

    private void assertShareWarning(String what) throws Exception {
        assertThat(ShareCheck.shares(configuration()).warnings())
                .singleElement()
                .satisfies(problem -> assertThat(problem.what()).contains(what));
    }
}
