using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// The pages, made with the first request that wants one: a gateway that nobody looks at has none of it in memory. Safe from any thread.
/// </summary>
/// <param name="pages">How they are made.</param>
/// <param name="host">What the host of the listeners has.</param>
internal sealed class PagesOnDemand(IHttpPages pages, IServiceProvider host)
{
    private readonly Lock _lock = new();
    private Task<RequestDelegate>? _made;

    /// <summary>The same pages each time; made anew when that failed, as when there was no memory for them.</summary>
    public Task<RequestDelegate> GetAsync()
    {
        lock (_lock)
            return _made is null or { IsFaulted: true } ? _made = MakeAsync() : _made;
    }

    // Code that runs for the first time computes for a third of a second. Those who ask meanwhile wait without a thread of the pool.
    private Task<RequestDelegate> MakeAsync()
    {
        TaskCompletionSource<RequestDelegate> made = new(TaskCreationOptions.RunContinuationsAsynchronously);
        BackgroundThread.Start("pages", () =>
        {
            try
            {
                made.SetResult(pages.Build(host));
            }
            catch (Exception exception)
            {
                made.SetException(exception); // ends the request, and is in the log as its fault
            }
        });
        return made.Task;
    }
}
