package io.lockstep.agent.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FindingsMergeTest {
    private static final Finding DIRECTORY = new Finding.Directory(EntryPath.of("d"), new Stamp(0, 1, 1, 1), 0755);
    private static final Finding DASHED = file("d-", 1);
    private static final Finding BELOW = file("d/a", 1);
    private static final Finding AFTER = file("e", 1);

    @Test
    void nothingBelowADirectoryThatWasHalfReadIsFound() {
        var known = List.of(DIRECTORY, DASHED, BELOW, AFTER);
        Finding unreadable = new Finding.Unreadable(EntryPath.of("d"), EntryType.DIRECTORY, "EIO");

        var merged = FindingsMerge.merge(
                known, kept(1, 2, 3), List.of(file("d/b/c", 2), unreadable), Set.of(EntryPath.of("d")));

        assertThat(merged).containsExactly(unreadable, DASHED, AFTER);
    }

    @Test
    void aDirectoryThatStaysHalfReadKeepsTheList() {
        Finding unreadable = new Finding.Unreadable(EntryPath.of("d"), EntryType.DIRECTORY, "EIO");
        var known = List.of(unreadable, AFTER);

        var merged = FindingsMerge.merge(known, kept(0, 1), List.of(file("d/b", 2)), Set.of(EntryPath.of("d")));

        assertThat(merged).isSameAs(known);
    }

    @Test
    void whatWasFoundTwiceAndDifferentlyIsUnstable() {
        var merged = FindingsMerge.merge(
                List.of(DIRECTORY, BELOW), kept(0, 1), List.of(file("d", 3), file("e", 1), file("e", 2)), Set.of());

        assertThat(merged)
                .containsExactly(new Finding.Unstable(EntryPath.of("d")), new Finding.Unstable(EntryPath.of("e")));
    }

    @Test
    void whatWasFoundTwiceAlikeIsThereOnce() {
        assertThat(FindingsMerge.merge(List.of(), kept(), List.of(AFTER, file("e", 1)), Set.of()))
                .containsExactly(AFTER);
    }

    @Test
    void whatIsNotKeptIsAbsent() {
        assertThat(FindingsMerge.merge(List.of(DIRECTORY, DASHED), kept(0), List.of(), Set.of()))
                .containsExactly(DIRECTORY);
    }

    private static BitSet kept(int... indexes) {
        var bits = new BitSet();
        for (int index : indexes) {
            bits.set(index);
        }
        return bits;
    }

    private static Finding file(String path, long inode) {
        return new Finding.RegularFile(
                EntryPath.of(path), new Stamp(0, 1, 1, inode), 0644, Digest.of(path.getBytes(StandardCharsets.UTF_8)));
    }
}
