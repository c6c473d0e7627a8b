package io.lockstep.mount;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MarkerTest {
    @Test
    void whatSetupWritesIsAMarker() {
        assertThat(Marker.parse("{\"clusterId\":\"prod\",\"shareId\":\"3b-1\"}\n"))
                .contains(new Marker("prod", "3b-1"));
    }

    @Test
    void aPersonMayWriteItDifferently() {
        assertThat(Marker.parse(" {\n  \"shareId\" : \"3b-1\",\n  \"clusterId\" : \"prod\"\n}"))
                .contains(new Marker("prod", "3b-1"));
    }

    @Test
    void anythingElseIsNone() {
        for (var text : List.of(
                "",
                "{}",
                "null",
                "{\"clusterId\":\"prod\"}",
                "{\"clusterId\":\"prod\",\"clusterId\":\"prod\"}",
                "{\"clusterId\":\"prod\",\"shareId\":null}",
                "{\"clusterId\":\"prod\",\"shareId\":\"1\",\"more\":\"2\"}",
                "{\"clusterId\":\"pr\\u006fd\",\"shareId\":\"1\"}",
                "{\"clusterId\":\"prod\",\"shareId\":\"1\"}}",
                "{\"clusterId\":\"prod\",\"shareId\":\"1")) {
            assertThat(Marker.parse(text)).as(text).isEmpty();
        }
    }
}
