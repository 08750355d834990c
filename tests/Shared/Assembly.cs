// The types under test are internal, and so are the tests that have them as parameters.
[assembly: DiscoverInternals]
[assembly: Parallelize(Scope = ExecutionScope.ClassLevel)]
