package io.lockstep.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.HeldBack;
import io.lockstep.generation.HeldBack.Why;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Refusal;
import io.lockstep.generation.View;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** For how long content stays refused. */
class AuthorityTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final EntryPath PATH = EntryPath.of("server/a.xml");

    private final Authority authority = new Authority(Inspector.Origin.SHARE, new Inspector() {
        @Override
        public Inspection inspect(Manifest reference, Manifest next, Origin origin) {
            throw new IllegalStateException("an authority looks into nothing");
        }

        @Override
        public Optional<String> artifactOf(EntryPath path) {
            return Optional.empty();
        }
    });
    private final Manifest reference = manifest("good", "1");

    private static Manifest manifest(String content, String other) {
        return new Manifest(List.of(
                ManifestEntry.directory(EntryPath.of("server"), 0),
                file("server/a.xml", content),
                file("server/b.xml", other)));
    }

    private static ManifestEntry file(String path, String content) {
        return ManifestEntry.file(EntryPath.of(path), 0644, content.length(), 1, digest(content));
    }

    private static Digest digest(String content) {
        return Digest.of(content.getBytes(StandardCharsets.UTF_8));
    }

    private Candidates.Candidate look(int second, Manifest seen) {
        var look = new LookHistory.Look(View.of(seen), START.plusSeconds(second), Duration.ZERO);
        authority.look(
                new Authority.Looks(Optional.of(look), Optional.of(look), Optional.of(look)),
                reference,
                DeletionGuard.standard());
        return authority.candidate().orElseThrow();
    }

    private List<HeldBack> heldBack() {
        return authority.candidate().orElseThrow().next().heldBack();
    }

    private void refuse(String content, Why why) {
        authority.refuse(Map.of(PATH, new Refusal(digest(content), why, "")));
    }

    @Test
    void invalidContentIsRefusedForAsLongAsItIsThere() {
        var seen = manifest("bad", "1");
        assertThat(look(0, seen).isChange()).isTrue();

        refuse("bad", Why.INVALID_XML);
        assertThat(look(0, seen).isChange()).isFalse();
        assertThat(look(1, seen).isChange()).isFalse();
        assertThat(look(2, manifest("bad", "2")).next().manifest()).isEqualTo(manifest("good", "2"));
        assertThat(heldBack()).containsExactly(new HeldBack(PATH, Why.INVALID_XML, ""));

        assertThat(look(3, manifest("repaired", "2")).next().manifest()).isEqualTo(manifest("repaired", "2"));
        assertThat(heldBack()).isEmpty();
    }

    @Test
    void aDuplicateIsLookedIntoAgainWhenAnythingChanges() {
        var seen = manifest("twice", "1");
        look(0, seen);
        refuse("twice", Why.DUPLICATE_API);

        assertThat(look(0, seen).isChange()).isFalse();
        assertThat(look(1, seen).isChange()).isFalse();
        assertThat(look(2, manifest("twice", "2")).next().manifest()).isEqualTo(manifest("twice", "2"));
    }

    @Test
    void aWriterIsAskedForAgainAtEachLook() {
        var seen = manifest("slow", "1");
        look(0, seen);
        refuse("slow", Why.BEING_WRITTEN);

        assertThat(look(0, seen).isChange()).isFalse();
        assertThat(look(0, seen).waitsForALook()).isTrue();
        assertThat(look(1, seen).isChange()).isTrue();
    }

    @Test
    void withoutTwoLooksThereIsNoCandidate() {
        look(0, manifest("bad", "1"));
        authority.look(
                new Authority.Looks(Optional.empty(), Optional.empty(), Optional.empty()),
                reference,
                DeletionGuard.standard());

        assertThat(authority.candidate()).isEmpty();
        assertThat(authority.wantsALookLater()).isFalse();
    }

    private static Optional<LookHistory.Look> seenAt(int second, Manifest seen) {
        return Optional.of(new LookHistory.Look(View.of(seen), START.plusSeconds(second), Duration.ZERO));
    }

    private Optional<Candidates.Candidate> look(Authority.Looks looks) {
        authority.look(looks, reference, DeletionGuard.standard());
        return authority.candidate();
    }

    private static Manifest emptied() {
        return new Manifest(List.of(ManifestEntry.directory(EntryPath.of("server"), 0)));
    }

    @Test
    void oneLookThatShowsTheReferenceIsEnough() {
        var candidate = look(new Authority.Looks(Optional.empty(), Optional.empty(), seenAt(0, reference)));

        assertThat(candidate).hasValueSatisfying(c -> {
            assertThat(c.isChange()).isFalse();
            assertThat(c.waitsForALook()).isFalse();
        });
        assertThat(authority.wantsALookLater()).isFalse();
    }

    @Test
    void whatIsTheReferenceAgainHoldsNothingBackForAnOlderLook() {
        var candidate = look(new Authority.Looks(
                seenAt(0, manifest("new", "1")), seenAt(0, manifest("new", "1")), seenAt(5, reference)));

        assertThat(candidate.orElseThrow().next().heldBack()).isEmpty();
    }

    @Test
    void aChangeIsTakenByLooksFarEnoughApartAlone() {
        var seen = manifest("new", "1");

        assertThat(look(new Authority.Looks(Optional.empty(), Optional.empty(), seenAt(0, seen))))
                .isEmpty();
        assertThat(look(new Authority.Looks(Optional.empty(), seenAt(0, seen), seenAt(1, seen))))
                .isEmpty();
        assertThat(authority.wantsALookNow()).isFalse();
        assertThat(authority.wantsALookLater()).isTrue();

        assertThat(look(new Authority.Looks(seenAt(0, seen), seenAt(1, seen), seenAt(5, seen)))
                        .orElseThrow()
                        .isSettled())
                .isTrue();
        assertThat(authority.wantsALookLater()).isFalse();
    }

    @Test
    void deletionsBeyondTheGuardAreAPlanAsSoonAsTwoLooksInARowAgree() {
        look(new Authority.Looks(seenAt(0, reference), seenAt(0, reference), seenAt(15, emptied())));
        assertThat(authority.candidate().orElseThrow().isExcessive()).isFalse();
        assertThat(authority.wantsALookNow()).isTrue();

        var plan = look(new Authority.Looks(seenAt(0, reference), seenAt(15, emptied()), seenAt(16, emptied())))
                .orElseThrow();

        assertThat(plan.isExcessive()).isTrue();
        assertThat(plan.isSettled()).isFalse();
        assertThat(plan.next().manifest()).isEqualTo(emptied());
        assertThat(authority.wantsALookNow()).isFalse();

        var settled = look(new Authority.Looks(seenAt(15, emptied()), seenAt(16, emptied()), seenAt(20, emptied())))
                .orElseThrow();
        assertThat(settled.isExcessive()).isTrue();
        assertThat(settled.isSettled()).isTrue();
        assertThat(settled.next().manifest()).isEqualTo(plan.next().manifest());
    }

    @Test
    void oneLookWithoutFilesIsNoPlan() {
        var candidate = look(new Authority.Looks(seenAt(0, reference), seenAt(15, emptied()), seenAt(16, reference)));

        assertThat(candidate.orElseThrow().isExcessive()).isFalse();
        assertThat(authority.wantsALookNow()).isFalse();
    }
}
