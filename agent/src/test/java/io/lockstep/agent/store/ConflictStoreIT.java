package io.lockstep.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.store.KeptEntry.Why;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a merge keeps, and what becomes of it when a person decides. */
class ConflictStoreIT {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final GenerationId LIVE = new GenerationId(2, 7);
    private static final ManifestEntry THEIRS = TreeOnDisk.file("a.xml", "theirs", 0604, -5);

    @TempDir
    private Path base;

    private ContentStage stage() {
        return new ContentStage(base.resolve("stage"));
    }

    private ConflictStore conflicts() {
        return new ConflictStore(base.resolve("conflicts"));
    }

    private Trash trash() {
        return new Trash(base.resolve("trash"));
    }

    private void keep() throws IOException {
        var file = Files.writeString(base.resolve("fetched"), "theirs");
        assertThat(stage().adopt(file, THEIRS.digest().orElseThrow()))
                .isInstanceOf(ContentStage.Adoption.Adopted.class);
        assertThat(conflicts().keepMerged(stage(), THEIRS, LIVE, NOW)).isEmpty();
    }

    private static List<KeptEntry> entries(KeptListing listing) {
        return ((KeptListing.Listed) listing).entries();
    }

    @Test
    void aMergesConflictIsKeptAsTheShareHadItAndTheStageKeepsItsOwn() throws Exception {
        keep();

        var kept = entries(conflicts().list(10)).get(0);

        assertThat(kept.generation()).isEqualTo(LIVE);
        assertThat(kept.path()).isEqualTo(THEIRS.path());
        assertThat(kept.digest()).isEqualTo(THEIRS.digest());
        assertThat(kept.mode()).isEqualTo(0604);
        assertThat(kept.mtimeNanos()).isEqualTo(-5);
        assertThat(kept.why()).isEqualTo(Why.MERGED);
        assertThat(kept.content()).hasContent("theirs");
        assertThat(conflicts().count()).isEqualTo(new KeptCount.Counted(1));
        // The merge may need the same bytes at another path.
        assertThat(stage().has(THEIRS.digest().orElseThrow())).isTrue();
    }

    @Test
    void damagedContentIsNotKeptAndIsFetchedAgain() throws Exception {
        var digest = THEIRS.digest().orElseThrow();
        Files.createDirectories(base.resolve("stage"));
        Files.writeString(base.resolve("stage").resolve(digest.toString()), "rotten");

        assertThat(conflicts().keepMerged(stage(), THEIRS, LIVE, NOW)).isPresent();

        assertThat(conflicts().count()).isEqualTo(new KeptCount.Counted(0));
        assertThat(stage().has(digest)).isFalse();
    }

    @Test
    void aDecidedConflictGoesToTheTrashWithAllThatIsKnownOfIt() throws Exception {
        keep();

        assertThat(conflicts().close(entries(conflicts().list(10)).get(0), trash(), NOW))
                .isEmpty();

        assertThat(entries(conflicts().list(10))).isEmpty();
        assertThat(conflicts().count()).isEqualTo(new KeptCount.Counted(0));
        var trashed = entries(trash().list(10)).get(0);
        assertThat(trashed.path()).isEqualTo(THEIRS.path());
        assertThat(trashed.digest()).isEqualTo(THEIRS.digest());
        assertThat(trashed.mtimeNanos()).isEqualTo(-5);
        assertThat(trashed.why()).isEqualTo(Why.DECIDED);
        assertThat(trashed.content()).hasContent("theirs");
    }

    @Test
    void whatIsDecidedGoesWhenTheTrashSaysSoAndWhatIsNotNeverGoes() throws Exception {
        keep();
        keep();
        assertThat(conflicts().close(entries(conflicts().list(10)).get(0), trash(), NOW))
                .isEmpty();

        var muchLater = Instant.parse("2126-03-01T12:00:00Z");
        assertThat(trash().purge(muchLater, new Trash.Bounds(Duration.ofDays(7), 0, Long.MAX_VALUE)))
                .isEqualTo(new Trash.Purge.Purged(1, 1));

        assertThat(conflicts().count()).isEqualTo(new KeptCount.Counted(1));
    }

    private static boolean isKilled(Runnable body) {
        try {
            body.run();
            return false;
        } catch (FaultyCalls.Killed killed) {
            return true;
        }
    }

    private void requireWhole(KeptListing listing) {
        var listed = (KeptListing.Listed) listing;
        assertThat(listed.undescribed()).isEmpty();
        listed.entries().forEach(entry -> assertThat(entry.content()).hasContent("theirs"));
    }

    @Test
    void killedAnywhereWhileKeepingNothingTornIsListedAndTheNextAttemptKeepsIt() throws Exception {
        boolean died = true;
        for (int call = 0; died; call++) {
            PathUtils.deleteDirectory(Files.createDirectories(base.resolve("conflicts")));
            Files.deleteIfExists(base.resolve("fetched"));
            var file = Files.writeString(base.resolve("fetched"), "theirs");
            stage().adopt(file, THEIRS.digest().orElseThrow());
            var dying = new ConflictStore(base.resolve("conflicts"), new FaultyCalls().killBefore(call));

            died = isKilled(() -> dying.keepMerged(stage(), THEIRS, LIVE, NOW));

            requireWhole(conflicts().list(10));
            if (entries(conflicts().list(10)).isEmpty()) {
                assertThat(conflicts().keepMerged(stage(), THEIRS, LIVE, NOW)).isEmpty();
            }
            requireWhole(conflicts().list(10));
            assertThat(entries(conflicts().list(10))).hasSize(1);
            assertThat(call).as("calls of one keep").isLessThan(100);
        }
    }

    @Test
    void killedAnywhereWhileItIsDecidedItIsAConflictOrInTheTrash() throws Exception {
        boolean died = true;
        for (int call = 0; died; call++) {
            for (var place : List.of("conflicts", "trash")) {
                PathUtils.deleteDirectory(Files.createDirectories(base.resolve(place)));
            }
            keep();
            var entry = entries(conflicts().list(10)).get(0);
            var calls = new FaultyCalls().killBefore(call);
            var dying = new ConflictStore(base.resolve("conflicts"), calls);

            died = isKilled(() -> dying.close(entry, new Trash(base.resolve("trash"), calls), NOW));

            requireWhole(conflicts().list(10));
            requireWhole(trash().list(10));
            assertThat(entries(conflicts().list(10)).size()
                            + entries(trash().list(10)).size())
                    .as("killed before call %d", call)
                    .isOne();
            for (var left : entries(conflicts().list(10))) {
                assertThat(conflicts().close(left, trash(), NOW)).isEmpty();
            }
            assertThat(entries(trash().list(10))).hasSize(1);
            assertThat(call).as("calls of one decision").isLessThan(100);
        }
    }
}
