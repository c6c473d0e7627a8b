package io.lockstep.agent.vfs;

import static io.lockstep.agent.vfs.RemoteFixture.order;
import static io.lockstep.agent.vfs.RemoteFixture.put;
import static io.lockstep.agent.vfs.RemoteFixture.scan;
import static io.lockstep.agent.vfs.RemoteFixture.scanned;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.vfs.RemoteFixture.Keeper;
import io.lockstep.agent.vfs.RemoteTree.Scan;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Probe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real sshd that is not what it should be: each has a reason of its own, and none is an empty or absent share. */
class SftpFailureIT {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofSeconds(3);
    private static final Beacon BEACON = new Beacon(new NodeName("gw1"), 7, 1);

    @TempDir
    private Path scratch;

    private Sshd sshd;

    @BeforeEach
    void startServer() throws Exception {
        sshd = Sshd.start("PasswordAuthentication yes");
        put(sshd.share(), ".lockstep/cluster", "cluster prod");
        put(sshd.share(), "file", "x");
        sshd.own(sshd.share());
    }

    @AfterEach
    void endServer() throws Exception {
        if (sshd != null) {
            sshd.close();
        }
    }

    private Probe probe() {
        try (var probe = new RemoteProbe(sshd.settings(DEADLINE), RemoteFixture.DOT, Clock.systemUTC())) {
            return probe.probe(BEACON, List.of());
        }
    }

    private void assertUnreachable(Reason reason, String... details) {
        var probe = probe();
        assertThat(probe).isInstanceOf(Probe.Unreachable.class);
        assertThat(((Probe.Unreachable) probe).reason()).isEqualTo(reason);
        assertThat(((Probe.Unreachable) probe).detail()).contains(details);
        try (var tree = RemoteFixture.tree(sshd.settings(DEADLINE))) {
            assertThat(((Scan.Failed) scan(tree, Optional.empty())).reason()).isEqualTo(reason);
        }
    }

    @Test
    void anotherHostKeyIsRefusedAndNothingIsSentToTheServer() throws Exception {
        sshd.knowHost("stranger");

        assertUnreachable(Reason.SHARE_HOST_KEY, "HostKey");
    }

    @Test
    void aServerThatNobodyKnowsIsRefused() throws Exception {
        Files.writeString(sshd.credentials().resolveSibling("known_hosts"), "");

        assertUnreachable(Reason.SHARE_HOST_KEY, "HostKey");
    }

    @Test
    void aKeyThatTheServerDoesNotTakeIsALoginThatIsRefused() throws Exception {
        sshd.login("privateKey: stranger\nknownHosts: known_hosts\n");

        assertUnreachable(Reason.SHARE_LOGIN, "Auth fail");
    }

    @Test
    void aWrongPasswordIsALoginThatIsRefusedAndIsNotTold() throws Exception {
        sshd.login("password: correct horse\nknownHosts: known_hosts\n");

        assertUnreachable(Reason.SHARE_LOGIN, "Auth fail");
        assertThat(probe().toString()).doesNotContain("horse");
    }

    @Test
    void credentialsThatOthersCanReadAreNotUsed() throws Exception {
        Files.setPosixFilePermissions(sshd.credentials(), PosixFilePermissions.fromString("rw-r--r--"));

        assertUnreachable(Reason.SHARE_LOGIN, "can be read by every user", "chmod 600");
    }

    @Test
    void aServerThatIsDownIsUnreachableAndComesBackByItself() throws Exception {
        try (var tree = RemoteFixture.tree(sshd.settings(DEADLINE));
                var probe = new RemoteProbe(sshd.settings(DEADLINE), RemoteFixture.DOT, Clock.systemUTC())) {
            assertThat(probe.probe(BEACON, List.of())).isInstanceOf(Probe.Looked.class);
            var before = scanned(tree);
            sshd.end();

            assertThat(((Probe.Unreachable) probe.probe(BEACON, List.of())).reason())
                    .isEqualTo(Reason.SHARE_UNREACHABLE);
            assertThat(((Scan.Failed) scan(tree, Optional.of(before))).reason()).isEqualTo(Reason.SHARE_UNREACHABLE);
            var keeper = new Keeper().has("new").knows("x");
            assertThat(tree.write(List.of(order("file", "new", 0)), "gw1", scratch, keeper)
                            .stopped())
                    .isPresent();

            sshd.startAgain();
            assertThat(probe.probe(BEACON, List.of())).isInstanceOf(Probe.Looked.class);
            assertThat(scanned(tree, Optional.of(before)).findings()).isEqualTo(before.findings());
        }
    }

    private static void assertHung(Scan scan) {
        assertThat(((Scan.Failed) scan).reason()).as("%s", scan).isEqualTo(Reason.SHARE_HUNG);
    }

    @Test
    void aServerThatSaysNothingIsGivenUpAndIsNoAbsence() throws Exception {
        try (var tree = RemoteFixture.tree(sshd.settings(SHORT));
                var probe = new RemoteProbe(sshd.settings(SHORT), RemoteFixture.DOT, Clock.systemUTC())) {
            assertThat(probe.probe(BEACON, List.of())).isInstanceOf(Probe.Looked.class);
            var before = scanned(tree);
            sshd.freeze();

            assertThat(probe.probe(BEACON, List.of())).isInstanceOf(Probe.Hung.class);
            assertHung(scan(tree, Optional.of(before)));
            // A new connection hangs at another place.
            assertThat(probe.probe(BEACON, List.of())).isInstanceOf(Probe.Hung.class);
            assertHung(scan(tree, Optional.of(before)));

            sshd.thaw();
            assertThat(probe.probe(BEACON, List.of())).isInstanceOf(Probe.Looked.class);
            assertThat(scanned(tree, Optional.of(before)).findings()).isEqualTo(before.findings());
        }
    }
}
