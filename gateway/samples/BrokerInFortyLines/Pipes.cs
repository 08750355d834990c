using System.IO.Pipelines;

namespace BrokerInFortyLines;

/// <summary>The two directions of one connection.</summary>
internal sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
