package io.lockstep.agent.store;

import static io.lockstep.agent.store.TreeOnDisk.directory;
import static io.lockstep.agent.store.TreeOnDisk.file;
import static io.lockstep.agent.store.TreeOnDisk.manifest;
import static io.lockstep.agent.store.TreeOnDisk.path;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ApplyPlanTest {
    @Test
    void parentsComeFirstAndDeepestDirectoriesGoFirst() {
        var wanted = manifest(directory("new/deep", 0755));
        var seen = View.of(manifest(directory("old/deep", 0755)));

        var plan = ApplyPlan.of(TreeOnDisk.TREE, wanted, seen);

        assertThat(plan.directories()).extracting(ManifestEntry::path).containsExactly(path("new"), path("new/deep"));
        assertThat(plan.emptied()).containsExactly(path("old/deep"), path("old"));
    }

    @Test
    void anotherTreesPathsAreNotPlanned() {
        var other = EntryPath.of("tenants");
        var wanted = manifest(file("a", "a"), ManifestEntry.directory(other, 0));

        assertThat(ApplyPlan.of(other, wanted, View.empty()).isEmpty()).isTrue();
        assertThat(ApplyPlan.of(TreeOnDisk.TREE, wanted, View.empty()).files()).hasSize(1);
    }

    @Test
    void onlyContentThatTheScanDidNotSeeThereMustBeStaged() {
        var wanted = manifest(file("a", "same", 0600, 1), file("b", "new"));
        var seen = View.of(manifest(file("a", "same", 0644, 2), file("b", "old")));

        var plan = ApplyPlan.of(TreeOnDisk.TREE, wanted, seen);

        assertThat(plan.files()).hasSize(2);
        assertThat(plan.contents()).containsExactly(file("b", "new"));
        assertThat(plan.replacedBytes()).isEqualTo(3);
    }

    @Test
    void aBlindSpotIsNeverRemoved() {
        var blind = new TreeMap<>(Map.of(path("hidden"), View.BlindSpot.UNREADABLE));

        var plan = ApplyPlan.of(TreeOnDisk.TREE, manifest(), new View(manifest(), blind));

        assertThat(plan.isEmpty()).isTrue();
    }

    @Test
    void aStepsNumberInTheJournalIsItsPlaceInTheOrder() {
        var wanted = manifest(file("becomes-file", "x"), directory("dir", 0755));
        var seen = View.of(manifest(file("becomes-file/inner", "y"), file("gone", "z")));

        var plan = ApplyPlan.of(TreeOnDisk.TREE, wanted, seen);

        assertThat(plan.steps())
                .isEqualTo(List.of(path("dir"), path("becomes-file/inner"), path("becomes-file"), path("gone")));
        assertThat(plan.clearedDirectories()).isEmpty();
    }
}
