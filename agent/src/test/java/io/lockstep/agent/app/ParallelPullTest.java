package io.lockstep.agent.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.app.ParallelPull.Outcome;
import io.lockstep.agent.app.ParcelPull.Pulled;
import io.lockstep.agent.loop.Rejection;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Parcel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ParallelPullTest {
    private static final List<NodeName> MEMBERS =
            List.of(new NodeName("gw1"), new NodeName("gw2"), new NodeName("gw3"));
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Map<NodeName, List<String>> asked = new TreeMap<>();
    private Instant now = Instant.EPOCH;

    private static List<Parcel> parcels(int count) {
        var parcels = new ArrayList<Parcel>();
        for (int i = 0; i < count; i++) {
            var path = EntryPath.of("server/" + i);
            var digest = Digest.of(path.bytes());
            parcels.add(new Parcel(
                    EntryPath.of("server"), List.of(ManifestEntry.file(path, 0644, 9, 0, digest)), Optional.empty()));
        }
        return parcels;
    }

    private Outcome pull(List<Parcel> parcels, ParallelPull.Source source) {
        ParallelPull.Source noting = (member, parcel) -> {
            synchronized (asked) {
                asked.computeIfAbsent(member, name -> new ArrayList<>())
                        .add(parcel.files().get(0).path().toString());
            }
            return source.pull(member, parcel);
        };
        return new ParallelPull(noting, () -> now, PATIENCE).pull(parcels, MEMBERS, 0);
    }

    private static Pulled complete() {
        return Pulled.complete(10);
    }

    private static Pulled wrongBytes(NodeName member, Parcel parcel) {
        var file = parcel.files().get(0);
        var other = Digest.of("other".getBytes(StandardCharsets.UTF_8));
        return new Pulled(
                parcel.files(),
                Optional.of("from " + member + ": wrong"),
                List.of(new Rejection.WrongBytes(
                        member, file.path(), file.digest().orElseThrow(), other)),
                true,
                10);
    }

    @Test
    void parcelsComeFirstFromDifferentMembers() {
        var outcome = pull(parcels(6), (member, parcel) -> complete());

        assertThat(outcome.problem()).isEmpty();
        assertThat(outcome.movedBytes()).isEqualTo(60);
        assertThat(asked.values()).allSatisfy(paths -> assertThat(paths).hasSize(2));
    }

    @Test
    void neverMoreThanTheLimitAreUnderWay() {
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        // The first four must be under way together, or the barrier breaks; a fifth would be seen.
        var together = new CyclicBarrier(ParallelPull.STREAMS);

        var outcome = pull(parcels(4 * ParallelPull.STREAMS), (member, parcel) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            try {
                together.await(30, TimeUnit.SECONDS);
            } catch (Exception e) {
                return Pulled.failed(parcel, "not together: " + e, true);
            }
            running.decrementAndGet();
            return complete();
        });

        assertThat(outcome.problem()).isEmpty();
        assertThat(most).hasValue(ParallelPull.STREAMS);
    }

    @Test
    void whatAMemberLacksIsAskedOfTheNext() {
        var outcome = pull(
                parcels(1),
                (member, parcel) ->
                        member.equals(MEMBERS.get(0)) ? Pulled.failed(parcel, "lacks it", true) : complete());

        assertThat(outcome.problem()).isEmpty();
        assertThat(asked).containsOnlyKeys(MEMBERS.get(0), MEMBERS.get(1));
    }

    @Test
    void aMemberThatServesNothingIsAskedOnlyOnceByEachStream() {
        pull(
                parcels(100),
                (member, parcel) ->
                        member.equals(MEMBERS.get(0)) ? Pulled.failed(parcel, "refused", false) : complete());

        assertThat(asked.get(MEMBERS.get(0))).hasSizeLessThanOrEqualTo(ParallelPull.STREAMS);
    }

    @Test
    void aMemberThatSendsWrongBytesGetsNoOtherParcel() {
        var outcome = pull(
                parcels(100),
                (member, parcel) -> member.equals(MEMBERS.get(0)) ? wrongBytes(member, parcel) : complete());

        assertThat(outcome.problem()).isEmpty();
        assertThat(asked.get(MEMBERS.get(0))).hasSizeLessThanOrEqualTo(ParallelPull.STREAMS);
        assertThat(outcome.rejections()).hasSameSizeAs(asked.get(MEMBERS.get(0)));
    }

    @Test
    void whenNobodyIsLeftTheProblemsAreTold() {
        var outcome = pull(parcels(1), (member, parcel) -> Pulled.failed(parcel, "from " + member, false));

        assertThat(outcome.problem()).contains("from gw3");
        var none = pull(parcels(100), (member, parcel) -> Pulled.failed(parcel, "from " + member, false));
        assertThat(none.problem().orElseThrow()).contains("no member is left to ask");
        assertThat(none.problem().orElseThrow().split(";")).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void noStreamIsOpenedWhenTheTimeIsOver() {
        var outcome = pull(parcels(3 * ParallelPull.STREAMS), (member, parcel) -> {
            now = now.plus(PATIENCE);
            return complete();
        });

        assertThat(outcome.problem().orElseThrow()).contains("not everything came within PT5M");
        assertThat(asked.values().stream().mapToInt(List::size).sum()).isLessThanOrEqualTo(ParallelPull.STREAMS);
    }

    @Test
    void anInterruptEndsAllAndIsSetAgain() throws Exception {
        var begun = new CountDownLatch(ParallelPull.STREAMS);
        var never = new CompletableFuture<Pulled>();
        var interrupted = new boolean[1];
        var task = new FutureTask<>(() -> {
            var outcome = new ParallelPull(
                            (member, parcel) -> {
                                begun.countDown();
                                try {
                                    return never.get();
                                } catch (Exception e) {
                                    Thread.currentThread().interrupt();
                                    return Pulled.failed(parcel, "interrupted", true);
                                }
                            },
                            InstantSource.fixed(Instant.EPOCH),
                            PATIENCE)
                    .pull(parcels(20), MEMBERS, 0);
            interrupted[0] = Thread.interrupted();
            return outcome;
        });
        var thread = new Thread(task, "puller");
        thread.start();
        begun.await();

        thread.interrupt();

        assertThat(task.get(30, TimeUnit.SECONDS).problem().orElseThrow()).contains("the agent stopped");
        assertThat(interrupted[0]).isTrue();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(left -> left.getName().startsWith("pull-") && left.isAlive());
    }

    @Test
    void nothingToPullAsksNobody() {
        assertThat(pull(List.of(), (member, parcel) -> complete()).problem()).isEmpty();
        assertThat(asked).isEmpty();
    }
}
