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
import io.lockstep.mount.MountRule;
import io.lockstep.mount.Probe;
import io.lockstep.mount.TreeSight;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

    private TreeSight probe() {
        try (var probe = RemoteFixture.probe(sshd.settings(DEADLINE))) {
            return probe.probe(BEACON, List.of());
        }
    }

    private void assertUnreachable(Reason reason, String... details) {
        var verdict = judged(probe());
        assertThat(verdict.reason()).isEqualTo(reason);
        assertThat(verdict.detail()).contains(details);
        try (var tree = RemoteFixture.tree(sshd.settings(DEADLINE))) {
            assertThat(((Scan.Failed) scan(tree, Optional.empty())).reason()).isEqualTo(reason);
        }
    }

    private static MountRule.Verdict judged(TreeSight sight) {
        return MountRule.judge(new Probe.Looked(List.of(sight)), "prod");
    }

    private static void assertLooked(TreeSight sight) {
        assertThat(judged(sight)).isEqualTo(MountRule.Verdict.OK);
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
                var probe = RemoteFixture.probe(sshd.settings(DEADLINE))) {
            assertLooked(probe.probe(BEACON, List.of()));
            var before = scanned(tree);
            sshd.end();

            assertThat(judged(probe.probe(BEACON, List.of())).reason()).isEqualTo(Reason.SHARE_UNREACHABLE);
            assertThat(((Scan.Failed) scan(tree, Optional.of(before))).reason()).isEqualTo(Reason.SHARE_UNREACHABLE);
            var keeper = new Keeper().has("new").knows("x");
            assertThat(tree.write(List.of(order("file", "new", 0)), "gw1", scratch, keeper)
                            .stopped())
                    .isPresent();

            sshd.startAgain();
            assertLooked(probe.probe(BEACON, List.of()));
            assertThat(scanned(tree, Optional.of(before)).findings()).isEqualTo(before.findings());
        }
    }

    private static void assertHung(Scan scan) {
        assertThat(((Scan.Failed) scan).reason()).as("%s", scan).isEqualTo(Reason.SHARE_HUNG);
    }

    @Test
    void aServerThatSaysNothingIsGivenUpAndIsNoAbsence() throws Exception {
        try (var tree = RemoteFixture.tree(sshd.settings(SHORT));
                var probe = RemoteFixture.probe(sshd.settings(SHORT))) {
            assertLooked(probe.probe(BEACON, List.of()));
            var before = scanned(tree);
            sshd.freeze();

            assertThat(judged(probe.probe(BEACON, List.of())).reason()).isEqualTo(Reason.SHARE_HUNG);
            assertHung(scan(tree, Optional.of(before)));
            // A new connection hangs at another place.
            assertThat(judged(probe.probe(BEACON, List.of())).reason()).isEqualTo(Reason.SHARE_HUNG);
            assertHung(scan(tree, Optional.of(before)));

            sshd.thaw();
            assertLooked(probe.probe(BEACON, List.of()));
            assertThat(scanned(tree, Optional.of(before)).findings()).isEqualTo(before.findings());
        }
    }
}
