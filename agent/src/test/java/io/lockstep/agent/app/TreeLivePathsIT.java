package io.lockstep.agent.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.config.MountInfo;
import io.lockstep.agent.store.LinkedLivePath;
import io.lockstep.agent.store.LivePath;
import io.lockstep.cluster.Serving;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live paths of two trees, as links, which need no privilege. */
class TreeLivePathsIT {
    @TempDir
    private Path base;

    private TreeLivePaths paths(String... trees) {
        var paths = new ArrayList<LivePath>();
        for (var tree : trees) {
            paths.add(new LinkedLivePath(
                    base.resolve(tree), base.resolve("mount/" + tree), base.resolve("replica/" + tree)));
        }
        return new TreeLivePaths(List.copyOf(paths), new MountInfo());
    }

    private void lead(String tree, String side) throws IOException {
        Files.deleteIfExists(base.resolve(tree));
        Files.createSymbolicLink(base.resolve(tree), base.resolve(side + "/" + tree));
    }

    @Test
    void allGoToOneSideTogether() {
        var both = paths("server", "tenants");
        assertThat(both.serving()).isEqualTo(Serving.ABSENT);

        assertThat(both.flip(Serving.MOUNT)).isEmpty();
        assertThat(both.serving()).isEqualTo(Serving.MOUNT);
        assertThat(both.flip(Serving.REPLICA)).isEmpty();
        assertThat(both.serving()).isEqualTo(Serving.REPLICA);
        assertThat(both.limit()).isEmpty();
    }

    @Test
    void aFlipThatACrashCutInHalfIsAsIfNoneWereThere() throws IOException {
        lead("server", "mount");
        lead("tenants", "replica");

        assertThat(paths("server", "tenants").serving()).isEqualTo(Serving.ABSENT);
    }

    @Test
    void oneThatCanNotBeLedAwayIsToldAndTheOthersAre() throws IOException {
        Files.createDirectory(base.resolve("server"));
        lead("tenants", "mount");
        var both = paths("server", "tenants");
        assertThat(both.serving()).isEqualTo(Serving.ELSEWHERE);

        assertThat(both.flip(Serving.REPLICA))
                .hasValueSatisfying(problem -> assertThat(problem).contains(base.resolve("server") + " is not"));

        assertThat(Files.readSymbolicLink(base.resolve("tenants"))).isEqualTo(base.resolve("replica/tenants"));
    }
}
