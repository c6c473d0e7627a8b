package io.lockstep.digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;
import java.util.List;
import org.junit.jupiter.api.Test;

class InventoryTest {
    private static final Finding DIRECTORY = new Finding.Directory(EntryPath.of("a"), new Stamp(0, 0, 0, 1), 0755);
    private static final Finding FILE =
            new Finding.RegularFile(EntryPath.of("a/b"), new Stamp(1, 2, 3, 4), 0644, Digest.of(new byte[1]));
    private static final Finding LINK = new Finding.Special(EntryPath.of("l"), EntryType.SYMLINK);
    private static final Finding UNREADABLE = new Finding.Unreadable(EntryPath.of("u"), EntryType.DIRECTORY, "EACCES");
    private static final Finding UNSTABLE = new Finding.Unstable(EntryPath.of("v"));
    private static final Finding BACK = new Finding.Reported(EntryPath.of("x.back"), EntryType.FILE);

    @Test
    void findsByPathAndSaysNothingOfOthers() {
        var inventory = of(DIRECTORY, FILE, LINK);

        assertThat(inventory.find(EntryPath.of("a"))).contains(DIRECTORY);
        assertThat(inventory.find(EntryPath.of("a/b"))).contains(FILE);
        assertThat(inventory.find(EntryPath.of("l"))).contains(LINK);
        assertThat(inventory.find(EntryPath.of("a/a"))).isEmpty();
        assertThat(inventory.find(EntryPath.of("z"))).isEmpty();
        assertThat(Inventory.empty().find(EntryPath.of("a"))).isEmpty();
    }

    @Test
    void listsWhatPeopleMustLookAt() {
        assertThat(of(DIRECTORY, FILE, LINK, UNREADABLE, UNSTABLE, BACK).troubles())
                .containsExactly(LINK, UNREADABLE, UNSTABLE);
    }

    @Test
    void isCompleteWhenNothingIsUnknown() {
        assertThat(of(DIRECTORY, FILE, LINK, BACK).isComplete()).isTrue();
        assertThat(of(UNREADABLE).isComplete()).isFalse();
        assertThat(of(UNSTABLE).isComplete()).isFalse();
    }

    @Test
    void eachFindingSaysItsType() {
        assertThat(List.of(DIRECTORY, FILE, LINK, UNREADABLE, UNSTABLE, BACK))
                .extracting(Finding::type)
                .containsExactly(
                        EntryType.DIRECTORY,
                        EntryType.FILE,
                        EntryType.SYMLINK,
                        EntryType.DIRECTORY,
                        EntryType.FILE,
                        EntryType.FILE);
    }

    @Test
    void refusesFindingsOutOfOrderOrTwice() {
        assertThatIllegalArgumentException().isThrownBy(() -> of(FILE, DIRECTORY));
        assertThatIllegalArgumentException().isThrownBy(() -> of(FILE, FILE));
        assertThat(Inventory.sorted(List.of(LINK, FILE, DIRECTORY))).containsExactly(DIRECTORY, FILE, LINK);
    }

    @Test
    void refusesNegativeCounts() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Inventory(List.of(), 0, -1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Inventory(List.of(), 0, 0, -1));
    }

    private static Inventory of(Finding... findings) {
        return new Inventory(List.of(findings), 0, 0, 0);
    }
}
