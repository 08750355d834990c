using System.CommandLine;
using DeviceMqtt.Benchmarks.Rows;

namespace DeviceMqtt.Benchmarks;

/// <summary>The shape of `latency-bursts`, on the command line.</summary>
internal sealed class BurstOptions
{
    private const int CountMax = 1000;

    private static readonly BurstShape Default = BurstShape.Collector;

    private readonly Option<int> _publishers = Count("--burst-publishers", Default.Publishers, "Publishers of `latency-bursts`; their moments are spread evenly.");
    private readonly Option<int> _messages = Count("--burst-messages", Default.Messages, "What each of them sends at its moment; how often it does follows from 5,000 messages/s in all.");
    private readonly Option<int> _perWrite = Count("--burst-per-write", Default.PerWrite, "Messages in one write of such a burst.");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_publishers, _messages, _perWrite])
            command.Add(option);
    }

    public BurstShape Read(ParseResult arguments) => new(arguments.GetValue(_publishers), arguments.GetValue(_messages), arguments.GetValue(_perWrite));

    private static Option<int> Count(string name, int value, string description)
    {
        var option = new Option<int>(name) { DefaultValueFactory = _ => value, Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > CountMax)
                result.AddError($"{name} must be 1 to {CountMax}");
        });
        return option;
    }
}
