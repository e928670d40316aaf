-- In the database that is written to. One row: the epoch in which this node, or the one it copies, leads.
create table parallax (
  only_one boolean primary key default true check (only_one),
  epoch bigint not null,
  synchronous boolean not null
);
insert into parallax (epoch, synchronous) values (0, false);

-- The fence: a writer says at the begin of its session by whose word it writes: set parallax.epoch = 3.
create function parallax_check() returns trigger language plpgsql as $$
declare
  here bigint := (select epoch from parallax);
  said text := current_setting('parallax.epoch', true);
begin
  if said is distinct from here::text then
    raise exception 'epoch % here, % at the writer', here, coalesce(nullif(said, ''), 'none')
      using hint = 'ask again who leads', errcode = 'PX001';
  end if;
  return null;
end $$;

-- For each table that is to be fenced:
-- create trigger parallax before insert or update or delete or truncate on TABLE execute function parallax_check();
