using System.Text;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>A line that is typed without being shown.</summary>
internal static class HiddenLine
{
    public static string Read()
    {
        StringBuilder line = new();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
                line.Length = Math.Max(0, line.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                line.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return line.ToString();
    }
}
