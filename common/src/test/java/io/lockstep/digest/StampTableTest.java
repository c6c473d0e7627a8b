package io.lockstep.digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StampTableTest {
    private static final Finding.RegularFile FILE = file("a/b.xml", new Stamp(7, 10, 20, 99), 0640);
    private static final Finding.Directory DIRECTORY =
            new Finding.Directory(EntryPath.of("a"), new Stamp(4096, 50, 20, 98), 0755);
    private static final Finding LINK = new Finding.Special(EntryPath.of("c"), EntryType.SYMLINK);

    private static Finding.RegularFile file(String path, Stamp stamp, int mode) {
        return new Finding.RegularFile(EntryPath.of(path), stamp, mode, Digest.of(new byte[0]));
    }

    private static int indexOf(StampTable table, String path) {
        var bytes = EntryPath.of(path).bytes();
        var longer = new byte[bytes.length + 3];
        System.arraycopy(bytes, 0, longer, 0, bytes.length);
        return table.lookup().indexOf(longer, bytes.length);
    }

    @Test
    void anEntryIsFoundAtTheIndexOfItsFinding() {
        var findings = new ArrayList<Finding>();
        for (int i = 0; i < 5000; i++) {
            findings.add(file("synapse-configs/api/" + i + ".xml", new Stamp(i, i, i, i), 0644));
        }
        var table = StampTable.of(findings);

        assertThat(table.size()).isEqualTo(5000);
        for (int i = 0; i < 5000; i++) {
            assertThat(indexOf(table, "synapse-configs/api/" + i + ".xml")).isEqualTo(i);
            assertThat(table.hasStamp(i, i, i, i, i)).isTrue();
        }
        assertThat(indexOf(table, "synapse-configs/api/5000.xml")).isEqualTo(StampTable.NONE);
    }

    @Test
    void everyPartOfAStampCounts() {
        var table = StampTable.of(List.of(DIRECTORY, FILE, LINK));

        assertThat(table.hasStamp(1, 7, 10, 20, 99)).isTrue();
        assertThat(table.hasStamp(1, 8, 10, 20, 99)).isFalse();
        assertThat(table.hasStamp(1, 7, 11, 20, 99)).isFalse();
        assertThat(table.hasStamp(1, 7, 10, 21, 99)).isFalse();
        assertThat(table.hasStamp(1, 7, 10, 20, 98)).isFalse();
        assertThat(table.mode(1)).isEqualTo(0640);
        assertThat(table.lastChangeNanos(0)).isEqualTo(50);
        assertThat(table.lastChangeNanos(1)).isEqualTo(20);
    }

    @Test
    void kindsAreTold() {
        var table = StampTable.of(List.of(DIRECTORY, FILE, LINK));

        assertThat(List.of(table.isDirectory(0), table.isFile(0))).containsExactly(true, false);
        assertThat(List.of(table.isDirectory(1), table.isFile(1))).containsExactly(false, true);
        assertThat(List.of(table.isDirectory(2), table.isFile(2))).containsExactly(false, false);
    }

    @Test
    void anEmptyTableHasNothing() {
        assertThat(indexOf(StampTable.of(List.of()), "a")).isEqualTo(StampTable.NONE);
    }

    @Test
    void aTableInTheArraysOfAnotherOneHasNothingOfIt() throws MalformedFindingsException {
        var random = new Random(3);
        Optional<StampTable> old = Optional.empty();
        for (int round = 0; round < 200; round++) {
            var findings = new ArrayList<Finding>();
            int size = random.nextInt(40);
            for (int i = 0; i < size; i++) {
                findings.add(file("r" + round + "/" + i, new Stamp(round, i, i, i), 0600));
            }
            var builder = new StampTable.Builder(size, 100, old);
            StampTable.write(findings, 100, builder::append);
            var table = builder.build();
            for (int i = 0; i < 40; i++) {
                assertThat(indexOf(table, "r" + round + "/" + i)).isEqualTo(i < size ? i : StampTable.NONE);
                assertThat(indexOf(table, "r" + (round - 1) + "/" + i)).isEqualTo(StampTable.NONE);
            }
            old = Optional.of(table);
        }
    }

    @Test
    void aTableThatIsNotWholeIsRefused() throws MalformedFindingsException {
        var builder = new StampTable.Builder(2, 100, Optional.empty());
        builder.append(new byte[StampTable.ENTRY_BYTES], StampTable.ENTRY_BYTES);

        assertThatExceptionOfType(MalformedFindingsException.class).isThrownBy(builder::build);
        assertThatExceptionOfType(MalformedFindingsException.class)
                .isThrownBy(() -> builder.append(new byte[StampTable.ENTRY_BYTES], StampTable.ENTRY_BYTES - 1));
        assertThatExceptionOfType(MalformedFindingsException.class)
                .isThrownBy(() -> builder.append(new byte[2 * StampTable.ENTRY_BYTES], 2 * StampTable.ENTRY_BYTES));
    }

    @Test
    void aTableThatClaimsTooMuchIsRefusedBeforeAnyMemoryIsTaken() {
        assertThatExceptionOfType(MalformedFindingsException.class)
                .isThrownBy(() -> new StampTable.Builder(Integer.MAX_VALUE, 2_000_000, Optional.empty()));
        assertThatExceptionOfType(MalformedFindingsException.class)
                .isThrownBy(() -> new StampTable.Builder(-1, 2_000_000, Optional.empty()));
    }
}
