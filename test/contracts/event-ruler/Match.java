import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Scanner;
import software.amazon.event.ruler.Ruler;

/** Reads lines with an event and a pattern, each in Base64, and answers whether they match. */
public class Match {
    public static void main(String[] arguments) throws Exception {
        Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
        while (lines.hasNextLine()) {
            String[] parts = lines.nextLine().split(" ");
            System.out.println(Ruler.matchesRule(text(parts[0]), text(parts[1])));
        }
    }

    private static String text(String encoded) {
        return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    }
}
