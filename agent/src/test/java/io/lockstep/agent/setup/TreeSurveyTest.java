package io.lockstep.agent.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.config.ConfigurationFile;
import io.lockstep.agent.config.FlipKind;
import io.lockstep.agent.config.Problem;
import io.lockstep.mount.MountTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts on which setup must not begin, and what it tells. */
class TreeSurveyTest {
    private static final String DISK = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
    private static final String SHARE = "3 1 0:50 / /mnt/wso2 rw - nfs4 filer:/wso2 rw\n";
    private static final Path SHARE_DIRECTORY = Path.of("/mnt/wso2/server");

    @TempDir
    private Path base;

    private Path live = Path.of("");
    private final List<Problem> obstacles = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    @BeforeEach
    void aGateway() throws Exception {
        base = base.toRealPath();
        live = Files.createDirectories(base.resolve("deployment/server"));
        Files.writeString(live.resolve("a.xml"), "");
        Files.createDirectories(base.resolve("underlay"));
    }

    private Optional<Underlay> survey(FlipKind flip, String replica, SharePeek peek, String... mounts)
            throws Exception {
        obstacles.clear();
        notes.clear();
        var at = base.resolve(replica);
        var text = """
                cluster: {id: prod, manager: gw1, members: [{name: gw1, control: "https://127.0.0.1:9881"}]}
                node: {name: gw1}
                trees: [{name: server, share: %s, live: %s, replica: %s, flip: %s}]
                """.formatted(flip == FlipKind.NONE ? live : SHARE_DIRECTORY, live, at, flip.name());
        var tree = ConfigurationFile.parse(text, base.resolve("lockstep.yml"))
                .trees()
                .get(0);
        return new TreeSurvey(
                        "trees[0]", tree, MountTable.parse(DISK + String.join("", mounts)), peek, obstacles, notes)
                .look();
    }

    private static SharePeek seen(String... names) {
        return new SharePeek.Seen(SHARE_DIRECTORY, Set.of(names));
    }

    private void assertObstacle(String key, String text) {
        assertThat(obstacles).singleElement().satisfies(problem -> {
            assertThat(problem.key()).isEqualTo("trees[0]" + key);
            assertThat(problem.what()).contains(text);
            assertThat(problem.remedy()).isNotBlank();
        });
    }

    @Test
    void aGatewaysDirectoryIsGoodForEachLayout() throws Exception {
        assertThat(survey(FlipKind.LINK, "replica/server", seen(), SHARE)).isEmpty();
        assertThat(obstacles).isEmpty();
        assertThat(survey(FlipKind.BIND, "underlay/server", seen(), SHARE))
                .contains(new Underlay(live.resolveSibling(""), base.resolve("underlay")));
        assertThat(obstacles).isEmpty();
        survey(FlipKind.NONE, "underlay/server", seen());
        assertThat(obstacles).isEmpty();
        assertThat(notes).anyMatch(note -> note.contains("Nothing is mounted on"));
    }

    @Test
    void aReplicaThatEndsAsTheShareDoesLiesBeneathItsMountpoint() throws Exception {
        assertThat(survey(FlipKind.LINK, "underlay/wso2/server", seen(), SHARE))
                .contains(new Underlay(Path.of("/mnt"), base.resolve("underlay")));
        assertThat(survey(FlipKind.LINK, "underlay/server", seen(), SHARE)).isEmpty();
    }

    @Test
    void aMountpointIsNoPlaceForALink() throws Exception {
        survey(FlipKind.LINK, "replica/server", seen(), SHARE, "4 1 0:50 / " + live + " rw - nfs4 filer:/wso2 rw\n");
        assertObstacle(".live", "is a mountpoint");
    }

    @Test
    void aShareThatIsMountedOnlyOnTheLivePathCanNotBeBoundThere() throws Exception {
        var direct = "4 1 0:50 /server " + live + " rw - nfs4 filer:/wso2 rw\n";

        survey(FlipKind.BIND, "underlay/server", new SharePeek.Absent(), direct);
        assertObstacle(".live", "something is mounted on " + live);
        assertThat(notes).anyMatch(note -> note.contains("mount the share before"));
        survey(FlipKind.BIND, "underlay/server", seen(), SHARE, direct);
        assertThat(obstacles).as("it is mounted where it is to be as well").isEmpty();
    }

    @Test
    void whatIsNoDirectoryCanNotBeMountedOn() throws Exception {
        var target = base.resolve("replica");
        Files.move(live, target);
        Files.createSymbolicLink(live, target);
        survey(FlipKind.BIND, "underlay/server", seen(), SHARE);
        assertObstacle(".live", "is a link to " + target);
        assertThat(obstacles.get(0).remedy()).contains("cp -aT " + target);

        Files.delete(live);
        survey(FlipKind.NONE, "underlay/server", seen());
        assertObstacle(".live", "is not a directory");
        Files.createFile(live);
        survey(FlipKind.LINK, "replica2/server", seen(), SHARE);
        assertObstacle(".live", "is a file");
    }

    @Test
    void aLinkElsewhereIsAPersons() throws Exception {
        Files.move(live, base.resolve("moved"));
        Files.createSymbolicLink(live, base.resolve("moved"));
        survey(FlipKind.LINK, "replica/server", seen(), SHARE);
        assertObstacle(".live", "neither the share nor the replica");
    }

    @Test
    void aReplicaWithOtherContentIsNotTouched() throws Exception {
        Files.createDirectories(base.resolve("replica/server"));
        survey(FlipKind.LINK, "replica/server", seen(), SHARE);
        assertThat(obstacles).isEmpty();
        Files.writeString(base.resolve("replica/server/b.xml"), "");
        survey(FlipKind.LINK, "replica/server", seen(), SHARE);
        assertObstacle(".replica", "is not empty, and differs from " + live);
    }

    @Test
    void aSharesMarkerInTheReplicaIsToldBeforeItLies() throws Exception {
        Files.createDirectories(live.resolve(".lockstep"));
        Files.writeString(live.resolve(".lockstep/cluster"), "");
        survey(FlipKind.NONE, "underlay/server", seen());
        assertObstacle(".live", "holds a share's marker");
    }

    @Test
    void anUnderlayCoversNothingAndIsNoOtherMount() throws Exception {
        Files.writeString(base.resolve("underlay/kept"), "");
        survey(FlipKind.BIND, "underlay/server", seen(), SHARE);
        assertObstacle(".replica", "is not empty, and a bind of");
        survey(
                FlipKind.BIND,
                "underlay/server",
                seen(),
                SHARE,
                "5 1 8:2 / " + base + "/underlay rw - ext4 /dev/sdb rw\n");
        assertObstacle(".replica", "something else than " + live.getParent());
    }

    @Test
    void aShareThroughALinkIsNotBound() throws Exception {
        survey(FlipKind.BIND, "underlay/server", new SharePeek.Seen(Path.of("/data/server"), Set.of()), SHARE);
        assertObstacle(".share", "leads through a link to /data/server");
    }

    @Test
    void partsThatTheFilterLeavesOutAndTheShareLacksAreTold() throws Exception {
        Files.createDirectories(live.resolve("webapps"));
        Files.createDirectories(live.resolve("axis2services"));
        survey(FlipKind.BIND, "underlay/server", seen("axis2services"), SHARE);
        assertThat(obstacles).isEmpty();
        assertThat(notes)
                .singleElement()
                .satisfies(note -> assertThat(note)
                        .contains("The share lacks webapps")
                        .contains("cp -a " + live + "/{webapps} " + SHARE_DIRECTORY));
    }

    @Test
    void aShareThatDoesNotAnswerStopsNothing() throws Exception {
        survey(FlipKind.LINK, "replica/server", new SharePeek.Unknown("it does not answer"), SHARE);
        assertThat(obstacles).isEmpty();
        assertThat(notes).containsExactly("The share can't be looked at: it does not answer.");
    }

    @Test
    void withoutAGatewayThereIsNothingToPrepare() throws Exception {
        Files.delete(live.resolve("a.xml"));
        Files.delete(live);
        Files.delete(live.getParent());
        survey(FlipKind.LINK, "replica/server", seen(), SHARE);
        assertObstacle(".live", "is not there");
    }
}
