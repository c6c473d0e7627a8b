package io.lockstep.generation;

import static io.lockstep.generation.RandomTrees.directory;
import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlanChangesTest {
    @Test
    void eachFileIsToldOnce() {
        var before = manifest(
                file("server/changed", "1"),
                file("server/deleted", "2"),
                file("server/old", "3"),
                file("server/s", "4"));
        var after = manifest(
                file("server/added", "5"),
                file("server/changed", "1b"),
                file("server/new", "3"),
                file("server/s", "4"));

        var changes = PlanChanges.between(before, after);

        assertThat(changes.added()).hasToString("[server/added]");
        assertThat(changes.changed()).hasToString("[server/changed]");
        assertThat(changes.deleted()).hasToString("[server/deleted]");
        assertThat(changes.moved()).hasToString("[server/old]");
        assertThat(changes.counts(before)).isEqualTo(new PlanChanges.Counts(1, 1, 1, 1, 4));
    }

    @Test
    void aFileThatBecomesADirectoryIsDeletedAndTheOtherWayRoundAdded() {
        var file = manifest(file("server/a", "1"));
        var directory = manifest(directory("server/a"));

        assertThat(PlanChanges.between(file, directory).deleted()).hasToString("[server/a]");
        assertThat(PlanChanges.between(directory, file).added()).hasToString("[server/a]");
    }

    @Test
    void theSameManifestChangesNothing() {
        var same = new RandomTrees(1).manifest(50);

        assertThat(PlanChanges.between(same, same).counts(same))
                .isEqualTo(new PlanChanges.Counts(0, 0, 0, 0, (int) same.fileCount()));
    }
}
